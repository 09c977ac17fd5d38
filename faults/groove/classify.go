package groove

import (
	"bytes"
	"strings"
)

// Class is how an answer is to be read.
type Class string

const (
	// ClassSuccess is an answer that gave all that was asked for.
	ClassSuccess Class = "success"
	// ClassSoftError is a success, in practice a 200, that carries an Error:
	// partial or degraded data.
	ClassSoftError Class = "soft_error"
	// ClassFailure is every other answer, and no answer at all.
	ClassFailure Class = "failure"
)

// Classification is the reading of one answer.
type Classification struct {
	Class Class
	// Code is the ErrorCode that the answer carried, documented or not; empty
	// when there was none.
	Code ErrorCode
}

// Classify is the only judge of success. It takes the status code, 0 for no
// answer, and the body with its content coding (gzip) removed; a beginning of the body
// will do, and then what is in it decides.
//
// Any 2xx is a success, or a soft error if its body carries an Error. A 1xx
// or 3xx is a success too, whatever its body: 101 and 304 are what the client
// asked for, and a redirect is no reason to try the same again. All else is a failure.
//
// The body is JSON, JSONP or XML in any namespace, told apart by how it
// begins, since real clients pay no attention to Content-Type either. It
// carries an Error if its top level has an Error member that is an object or a
// text, not null. Then Code is that object's ErrorCode, with hyphens made underscores as
// some samples of the reference print them, as long as it looks like a code at
// all: 1 to 64 ASCII letters, digits and underscores. A batch write whose
// results carry Errors of their own, while the top level has none, is a soft
// error with CodeCollectionSomeOperationsFailed. The member error of OAuth
// (RFC 6749, 5.2) counts as an Error, without a code of the reference.
//
// Reading a body takes time in proportion to its length and next to no memory; one in which there is nothing
// to be found is only skimmed.
// It never fails: it ends where the text stops making sense.
func Classify(status int, body []byte) Classification {
	if status >= 100 && status < 400 && status/100 != 2 {
		return Classification{Class: ClassSuccess}
	}
	if status >= 200 && status < 300 && !mayHoldError(body) {
		return Classification{Class: ClassSuccess}
	}
	r := read(body)
	switch {
	case status < 100 || status >= 400:
		return Classification{Class: ClassFailure, Code: r.code}
	case r.failed:
		return Classification{Class: ClassSoftError, Code: r.code}
	case r.partial:
		return Classification{Class: ClassSoftError, Code: CodeCollectionSomeOperationsFailed}
	default:
		return Classification{Class: ClassSuccess}
	}
}

// reading is what was found in a body.
type reading struct {
	// failed reports an Error at the top level, code its first usable code.
	failed bool
	code   ErrorCode
	// partial reports an Error in one result of a batch.
	partial bool
}

// read finds what there is to find in a body.
func read(body []byte) reading {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) == 0 {
		return reading{}
	}
	if body[0] == '<' {
		return readXML(body)
	}
	return readJSON(unpad(body))
}

// maxPadding bounds what may stand before the "(" of JSONP, in bytes.
const maxPadding = 256

// unpad returns the argument of the first function call of a script, which is
// how JSONP begins, and a body that is JSON as it is.
func unpad(body []byte) []byte {
	if body[0] == '{' {
		return body
	}
	i := bytes.IndexByte(body[:min(len(body), maxPadding)], '(')
	return body[i+1:]
}

// place is a place in an answer where something may be found. It is the same
// in JSON and in XML.
type place uint8

const (
	elsewhere place = iota
	atTop
	atError
	atCode
	atPlaylistResult
	atResults
	atResult
	atResultError
)

// child returns the place of the member name, or of an element of a list.
func (p place) child(name []byte) place {
	switch {
	case p == atTop && (string(name) == "Error" || string(name) == "error"):
		return atError
	case p == atTop && string(name) == "PlaylistActionResult":
		return atPlaylistResult
	case (p == atTop || p == atPlaylistResult) && string(name) == "TrackActionResults":
		return atResults
	case p == atError && string(name) == "ErrorCode":
		return atCode
	case p == atResults:
		return atResult
	case p == atResult && string(name) == "Error":
		return atResultError
	default:
		return elsewhere
	}
}

// present notes that there is something at p.
func (r *reading) present(p place) {
	r.failed = r.failed || p == atError
	r.partial = r.partial || p == atResultError
}

// maxCode bounds a code, in bytes. The longest documented one has 42.
const maxCode = 64

// take notes the text at atCode if it looks like a code and is the first.
func (r *reading) take(text []byte) {
	text = bytes.TrimSpace(text)
	if r.code != "" || len(text) > maxCode {
		return
	}
	if info, ok := errorCodeIndex[string(text)]; ok {
		r.code = info.Code
		return
	}
	code := strings.ReplaceAll(string(text), "-", "_")
	if !isName(code) {
		return
	}
	if info, ok := errorCodeIndex[code]; ok {
		r.code = info.Code
		return
	}
	r.code = ErrorCode(code)
}
