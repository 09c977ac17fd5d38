package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// readAnswer reads one answer from a peer that is known to be sound, throws
// its body away and returns its status. The request was no HEAD.
func readAnswer(r *bufio.Reader) (status int, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, fmt.Errorf("read an answer: it begins with %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, fmt.Errorf("read an answer: it begins with %q", line)
	}
	length, chunked, err := readFields(r)
	switch {
	case err != nil:
		return 0, err
	case chunked:
		return status, skipChunks(r)
	case length < 0:
		return 0, fmt.Errorf("read an answer of status %d: it does not say where it ends", status)
	}
	_, err = r.Discard(length)
	return status, err
}

// readFields reads to the end of the head. The length is -1 if none is given.
func readFields(r *bufio.Reader) (length int, chunked bool, err error) {
	length = -1
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, false, err
		}
		if len(line) <= 2 {
			return length, chunked, nil
		}
		switch line[0] {
		case 'C', 'c', 'T', 't':
		default:
			continue
		}
		name, value, _ := strings.Cut(string(line), ":")
		switch {
		case strings.EqualFold(name, "Content-Length"):
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return 0, false, err
			}
		case strings.EqualFold(name, "Transfer-Encoding"):
			chunked = true
		}
	}
}

func skipChunks(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 32)
		if err != nil {
			return fmt.Errorf("read a chunk: %w", err)
		}
		if _, err := io.CopyN(io.Discard, r, size+2); err != nil {
			return err
		}
		if size == 0 {
			return nil
		}
	}
}
