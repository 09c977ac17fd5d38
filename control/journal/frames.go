package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
)

const (
	// attemptHead is the length of the letter, the version and the length of an attempt, lineHead that of a line.
	attemptHead = 1 + 1 + 4
	lineHead    = 1 + 4
)

// frameBlocks gives the records of a binary journal, from behind its first line. failed says why it ended early: where
// the framing is lost, nothing behind it can be read.
func frameBlocks(r io.Reader, first int, failed *error) iter.Seq[block] {
	return func(yield func(block) bool) {
		next, rest := first, []byte(nil)
		for {
			room := make([]byte, len(rest), len(rest)+blockSize)
			copy(room, rest)
			n, err := io.ReadFull(r, room[len(rest):cap(room)])
			rest = room[:len(rest)+n]
			whole, count, lost := wholeFrames(rest)
			if whole > 0 && !yield(block{first: next, data: rest[:whole]}) {
				return
			}
			rest, next = rest[whole:], next+count
			switch {
			case lost != nil:
				*failed = lost
				return
			case err == nil:
				continue
			case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
				*failed = err
			case len(rest) > 0:
				*failed = errCut
			}
			return
		}
	}
}

// errCut says that a record lacks its end.
var errCut = errors.New("is cut off in the middle")

// wholeFrames returns how long the whole records at the beginning of data are and how many, or that what follows is none.
func wholeFrames(data []byte) (length, count int, lost error) {
	for {
		size, err := frameSize(data[length:])
		if err != nil || size == 0 || length+size > len(data) {
			return length, count, err
		}
		length += size
		count++
	}
}

// frameSize is the length of the record that begins with data, 0 if that does not say yet.
func frameSize(data []byte) (int, error) {
	var size int
	switch {
	case len(data) == 0:
		return 0, nil
	case data[0] == letterAttempt && len(data) < attemptHead, data[0] == letterLine && len(data) < lineHead:
		return 0, nil
	case data[0] == letterAttempt:
		size = attemptHead + int(binary.LittleEndian.Uint32(data[2:]))
	case data[0] == letterLine:
		size = lineHead + int(binary.LittleEndian.Uint32(data[1:]))
	default:
		return 0, fmt.Errorf("begins with the byte 0x%02x, want A or J: what follows cannot be told apart", data[0])
	}
	if size > MaxRecord {
		return 0, fmt.Errorf("is %d bytes long, want at most %d: what follows cannot be told apart", size, MaxRecord)
	}
	return size, nil
}

// frames gives the records of a block.
func (b *block) frames() iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		data := b.data
		for number := b.first; len(data) > 0; number++ {
			size, _ := frameSize(data)
			if !yield(number, data[:size]) {
				return
			}
			data = data[size:]
		}
	}
}
