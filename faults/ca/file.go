package ca

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// largest bounds the files that are read: theirs is about 2 kB.
const largest = 64 << 10

// prepareDir makes the directory, or refuses one in which others may put a key
// of theirs.
func prepareDir(dir string) error {
	if dir == "" {
		return errors.New("there is no directory, want one")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make directory: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("look at directory: %w", err)
	}
	if mode := info.Mode().Perm(); hasModes && mode&0o022 != 0 {
		return fmt.Errorf("%s: %w: others may write in it (mode %#o), run: chmod 700 %s", dir, ErrExposed, mode, quote(dir))
	}
	return nil
}

// hasModes says that a file's mode tells who may read it.
const hasModes = runtime.GOOS != "windows"

// loadOrMake returns the authority of the directory and sees to it that both
// files are there.
func loadOrMake(o *Options, allowed domains) (*pair, error) {
	keyFile, certificateFile := filepath.Join(o.Dir, KeyName), filepath.Join(o.Dir, CertificateName)
	p, err := load(keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		p, err = makeFiles(o, allowed)
	}
	if err != nil {
		return nil, err
	}
	if err := ensureCertificate(certificateFile, certificatePEM(p.root.Raw)); err != nil {
		return nil, err
	}
	return p, nil
}

// load reads a key file.
func load(path string) (*pair, error) {
	text, mode, err := read(path)
	if err != nil {
		return nil, err
	}
	if hasModes && mode&0o077 != 0 {
		return nil, fmt.Errorf("%s: %w: others may read the key (mode %#o), run: chmod 600 %s", path, ErrExposed, mode, quote(path))
	}
	p, err := decodePair(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, ErrBroken, err)
	}
	return p, nil
}

// read returns a file and the permissions of that very file.
func read(path string) ([]byte, fs.FileMode, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s: %w: not a regular file", path, ErrBroken)
	}
	text, err := io.ReadAll(io.LimitReader(f, largest))
	return text, info.Mode().Perm(), err
}

// makeFiles makes an authority and returns it, or the one that another process
// made meanwhile.
func makeFiles(o *Options, allowed domains) (*pair, error) {
	keyFile, certificateFile := filepath.Join(o.Dir, KeyName), filepath.Join(o.Dir, CertificateName)
	if _, err := os.Lstat(certificateFile); err == nil {
		// Not that of a process that is making one: it writes the key first.
		if _, err := os.Lstat(keyFile); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w: it is there without its key %s, remove it to have a new authority made",
				certificateFile, ErrBroken, keyFile)
		}
		return load(keyFile)
	}
	p, err := makePair(o, allowed)
	if err != nil {
		return nil, err
	}
	text, err := p.encode()
	if err != nil {
		return nil, err
	}
	if err := writeOnce(keyFile, text, 0o600); errors.Is(err, fs.ErrExist) {
		return load(keyFile)
	} else if err != nil {
		return nil, err
	}
	return p, nil
}

// ensureCertificate writes the root certificate unless it is there, and
// refuses another one in its place.
func ensureCertificate(path string, want []byte) error {
	if err := writeOnce(path, want, 0o644); err == nil || !errors.Is(err, fs.ErrExist) {
		return err
	}
	got, _, err := read(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%s: %w: not the certificate of %s, remove it to have it written again", path, ErrBroken, KeyName)
	}
	return nil
}

// writeOnce makes a file that is seen whole or not at all. If there is one of
// that name the error is fs.ErrExist.
func writeOnce(path string, text []byte, mode fs.FileMode) error {
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".groovechaos-ca-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := fill(f, text, mode); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Link(f.Name(), path) // unlike a rename it replaces nothing
}

// fill writes a file to the disk and closes it.
func fill(f *os.File, text []byte, mode fs.FileMode) error {
	_, err := f.Write(text)
	if hasModes {
		err = errors.Join(err, f.Chmod(mode))
	}
	return errors.Join(err, f.Sync(), f.Close())
}
