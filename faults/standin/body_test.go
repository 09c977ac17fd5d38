package standin

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// TestLongBodiesAreAnswered sends bodies of 10 MB as most clients do, whole
// before anything is read. Whatever is wrong with the request, the answer must
// reach them, and a short body must arrive all the same.
func TestLongBodiesAreAnswered(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newStandin(t, Options{}))
	t.Cleanup(server.Close)
	long := strings.Repeat("x", 10<<20)
	for _, c := range []struct {
		method, path, token string
		want                groove.ErrorCode
	}{
		{http.MethodPost, addPath, UserTokenFree, groove.CodeInvalidInputParameter},
		{http.MethodPost, addPath, UserTokenExpired, groove.CodeAuthorizationTokenExpired},
		{http.MethodPost, "/accesstoken.srf", "", ""},
		{http.MethodPost, genresPath, ApplicationToken, groove.CodeUnauthorizedAPIMethod},
		{http.MethodPut, "/nothing", ApplicationToken, groove.CodeCatalogNoResult},
	} {
		t.Run(c.method+" "+c.path+" "+c.token, func(t *testing.T) {
			t.Parallel()
			connection, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer connection.Close()
			head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n", c.method, c.path, c.token, len(long))
			if _, err := io.WriteString(connection, head+long); err != nil {
				t.Fatalf("the body was not taken: %v", err)
			}
			answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				if answer.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), `"invalid_request"`) {
					t.Errorf("got %d %s, want that the request is invalid", answer.StatusCode, body)
				}
				return
			}
			expectError(t, reply{answer.StatusCode, answer.Header, body}, c.want)
		})
	}
}
