package cli

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/groovechaos/groovechaos/faults/ca"
)

// trustFiles are files by which callers trust the authority.
type trustFiles struct {
	// certificate holds ours beside what NODE_EXTRA_CA_CERTS named, bundle the system's roots with ours, "" where the
	// system has them in no file; store is the bundle for Java, "" likewise or where it is not wanted.
	certificate, bundle, store string
	// doubt says why there is no bundle; nil for there is.
	doubt error
}

// hasJava reports whether there is a Java machine that could read a truststore.
func hasJava(own func(string) string) bool {
	_, err := exec.LookPath("java")
	return err == nil || own("JAVA_HOME") != "" || own("JDK_HOME") != ""
}

// writeTrust writes the files into a directory, the one for Java only if it is wanted. What our own environment names already
// stays trusted.
func writeTrust(dir string, root *x509.Certificate, own func(string) string, java bool) (*trustFiles, error) {
	files := &trustFiles{certificate: filepath.Join(dir, "groovechaos-ca.pem")}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw})
	if extra, err := os.ReadFile(own("NODE_EXTRA_CA_CERTS")); err == nil && !bytes.Contains(extra, certificate) {
		certificate = append(append(extra, '\n'), certificate...)
	}
	if err := writeCertificate(files.certificate, certificate); err != nil {
		return nil, err
	}
	bundle, err := ca.Bundle(root, rootsOf(own))
	if errors.Is(err, ca.ErrNoRoots) {
		files.doubt = err
		return files, nil
	}
	if err != nil {
		return nil, err
	}
	files.bundle = filepath.Join(dir, "groovechaos-bundle.pem")
	if err := writeCertificate(files.bundle, bundle); err != nil || !java {
		return files, err
	}
	store, err := ca.Truststore(bundle, usualPassword)
	if err != nil {
		return nil, err
	}
	files.store = filepath.Join(dir, "groovechaos.p12")
	return files, writeCertificate(files.store, store)
}

// rootsOf is the file with the roots that our own environment names, "" for those of the system.
func rootsOf(own func(string) string) string {
	for _, name := range replacingVariables {
		if file := own(name); file != "" {
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
				return file
			}
		}
	}
	return ""
}

// temporary makes a directory for the length of a run. Callers of any user must be able to read the certificates in it,
// and only ours the key.
func temporary() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp("", "groovechaos-run-")
	if err != nil {
		return "", nil, fmt.Errorf("make a directory for certificates: %w", err)
	}
	//nolint:gosec // What lies in it is public; the authority's own directory below is not.
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", nil, errors.Join(fmt.Errorf("make a directory for certificates: %w", err), os.RemoveAll(dir))
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}
