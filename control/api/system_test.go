package api

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func TestWithoutAnAuthority(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *Options) { o.CA = nil })
	for range 2 {
		_, err := s.system.GetCACertificate(t.Context(), &pb.GetCACertificateRequest{})
		if r := refusalOf(err); r == nil || r.Code != "FailedPrecondition" || r.Reason != "groovechaos/CA_MISSING" {
			t.Errorf("certificate: got %+v, want FailedPrecondition with CA_MISSING", r)
		}
		got, err := s.system.GetStatus(t.Context(), &pb.GetStatusRequest{})
		if err != nil || got.GetCaFingerprint() != "" || got.GetVersion() != "1.2.3" {
			t.Errorf("status: got %v, %v, want one without a fingerprint", got, err)
		}
	}
}

func TestStatusMakesNoAuthority(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *Options) {
		root := o.CA
		o.CA = func(create bool) (*x509.Certificate, error) {
			if !create {
				return nil, nil //nolint:nilnil // There is none yet.
			}
			return root(create)
		}
	})
	status, err := s.system.GetStatus(t.Context(), &pb.GetStatusRequest{})
	if err != nil || status.GetCaFingerprint() != "" {
		t.Errorf("status: got %v, %v, want one without a fingerprint", status, err)
	}
	certificate, err := s.system.GetCACertificate(t.Context(), &pb.GetCACertificateRequest{})
	if err != nil || certificate.GetFingerprint() == "" {
		t.Errorf("certificate: got %v, %v, want one that was made", certificate, err)
	}
}

func TestAnAuthorityThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *Options) {
		o.CA = func(bool) (*x509.Certificate, error) { return nil, errors.New("key file is exposed") }
	})
	_, err := s.system.GetCACertificate(t.Context(), &pb.GetCACertificateRequest{})
	if r := refusalOf(err); r == nil || r.Reason != "groovechaos/CA_UNUSABLE" || !strings.Contains(err.Error(), "exposed") {
		t.Errorf("certificate: got %v, want CA_UNUSABLE with the reason", err)
	}
	if status, err := s.system.GetStatus(t.Context(), &pb.GetStatusRequest{}); err != nil || status.GetCaFingerprint() != "" {
		t.Errorf("status: got %v, %v, want one without a fingerprint", status, err)
	}
}
