package auth

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// most bounds what is read of a token file, in bytes.
const most = 4096

// ReadSecret reads the secret of a token from a file that is for its owner alone. Spaces around it do not count.
func ReadSecret(path string) (secret string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read token: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("read token: %w", err)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return "", fmt.Errorf("read token: %s is open to others than its owner (mode %o), want chmod 600", path, mode)
	}
	text, err := io.ReadAll(io.LimitReader(file, most))
	if err != nil {
		return "", fmt.Errorf("read token: %w", err)
	}
	secret = strings.TrimSpace(string(text))
	if !WellFormed(secret) {
		return "", fmt.Errorf("read token: %s holds no token, want %s and 43 characters", path, secretMark)
	}
	return secret, nil
}

// OpenSecret reads the secret of a token from a file, or makes a new one and the file if there is none.
func OpenSecret(path string) (secret string, made bool, err error) {
	secret, err = ReadSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, false, err
	}
	secret = NewSecret()
	if err := writeSecret(path, secret); err != nil {
		return "", false, fmt.Errorf("make token file: %w", err)
	}
	return secret, true, nil
}

// writeSecret leaves no half a file behind, and takes no file that is there already.
func writeSecret(path, secret string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(secret + "\n")
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
