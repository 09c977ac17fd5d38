package api

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

type systemService struct {
	pb.UnimplementedSystemServiceServer
	options Options
}

func (s *systemService) GetStatus(ctx context.Context, _ *pb.GetStatusRequest) (*pb.Status, error) {
	set, err := s.options.Faults.Faults(ctx)
	if err != nil {
		return nil, err
	}
	brake, err := s.options.Brake.Brake(ctx)
	if err != nil {
		return nil, err
	}
	total, _ := s.options.Attempts.Counts()
	system := s.options.System
	return &pb.Status{
		Version:         system.Version,
		StartTime:       timestamp(system.Started),
		ProxyAddress:    system.Proxy,
		Upstream:        system.Upstream,
		StandinAddress:  system.Standin,
		GrpcAddress:     system.GRPC,
		RestAddress:     system.REST,
		Braked:          brake.Pulled,
		Faults:          int32(len(set)), //nolint:gosec // Bounded by faults.MaxFaults.
		Attempts:        total,
		DroppedAttempts: s.options.Attempts.RecentDropped(),
		Listeners:       listenerMessages(system.Listeners),
		CaFingerprint:   s.fingerprint(),
		SingleFlight:    system.SingleFlight,
		NotReady:        s.notReady(ctx),
	}, nil
}

// notReady is what is missing for work, in words; "" for nothing.
func (s *systemService) notReady(ctx context.Context) string {
	if err := s.options.Ready(ctx); err != nil {
		return validText(err.Error())
	}
	return ""
}

func listenerMessages(listeners []Listener) []*pb.Listener {
	messages := make([]*pb.Listener, len(listeners))
	for i, l := range listeners {
		messages[i] = &pb.Listener{Address: l.Address, Modes: l.Modes}
	}
	return messages
}

// fingerprint is that of the authority, "" if there is none.
func (s *systemService) fingerprint() string {
	if s.options.CA == nil {
		return ""
	}
	root, err := s.options.CA(false)
	if err != nil || root == nil {
		return "" // GetCACertificate says what is wrong
	}
	return fingerprintOf(root)
}

func (s *systemService) GetCACertificate(context.Context, *pb.GetCACertificateRequest) (*pb.CACertificate, error) {
	if s.options.CA == nil {
		return nil, because(codes.FailedPrecondition, "CA_MISSING",
			errors.New("no certificate authority: this groovechaos intercepts nothing"), nil)
	}
	certificate, err := s.options.CA(true)
	if err != nil {
		return nil, because(codes.FailedPrecondition, "CA_UNUSABLE", err, nil)
	}
	return &pb.CACertificate{
		Pem:         string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})),
		Fingerprint: fingerprintOf(certificate),
		Subject:     certificate.Subject.String(),
		StartTime:   timestamp(certificate.NotBefore),
		ExpireTime:  timestamp(certificate.NotAfter),
	}, nil
}

// ListAuditEntries reads entries until a page is full. Positions are sequence numbers.
func (s *systemService) ListAuditEntries(ctx context.Context, r *pb.ListAuditEntriesRequest) (*pb.ListAuditEntriesResponse, error) {
	limit, err := pageSize(r.GetPageSize())
	if err != nil {
		return nil, err
	}
	after, err := pagePosition(r)
	if err != nil {
		return nil, err
	}
	if r.GetAfter() > 0 && r.GetPageToken() != "" {
		return nil, invalid(faults.Problem{Field: "after", Text: "is given beside page_token, want one of them"})
	}
	start, end, problems := spanOf(r)
	if len(problems) > 0 {
		return nil, invalid(problems...)
	}
	return s.auditPage(ctx, r, max(after, r.GetAfter()), limit, func(e *store.AuditEntry) bool {
		return (r.GetActor() == "" || e.Actor == r.GetActor()) && (r.GetResource() == "" || e.Resource == r.GetResource()) && within(e.Time, start, end)
	})
}

func (s *systemService) auditPage(ctx context.Context, r *pb.ListAuditEntriesRequest, after uint64, limit int, takes func(*store.AuditEntry) bool) (*pb.ListAuditEntriesResponse, error) {
	answer := &pb.ListAuditEntriesResponse{}
	for {
		entries, err := s.options.Audit.List(ctx, after, maxPageSize)
		if err != nil || len(entries) == 0 {
			return answer, err
		}
		for i := range entries {
			if !takes(&entries[i]) {
				continue
			}
			if len(answer.GetEntries()) == limit {
				answer.NextPageToken = pageToken(r, after)
				return answer, nil
			}
			answer.Entries = append(answer.Entries, auditMessage(&entries[i]))
			after = entries[i].Sequence
		}
		after = entries[len(entries)-1].Sequence
	}
}

// fingerprintOf is the SHA-256 digest of a certificate, as tools print it:
// pairs of hexadecimal digits with colons between.
func fingerprintOf(certificate *x509.Certificate) string {
	digest := sha256.Sum256(certificate.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", digest), " ", ":")
}
