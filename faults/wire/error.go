package wire

// Error is the reason why a message is refused, one of the constants below.
// They are comparable, and making one an error does not allocate.
type Error uint8

// The reasons. They are a closed set.
const (
	// ErrLeadingLines is more than one empty line before the request line.
	ErrLeadingLines Error = iota + 1
	// ErrRequestLine is a request line that is not method, target and version parted by one space each.
	ErrRequestLine
	// ErrMethod is a method that is not a token.
	ErrMethod
	// ErrMethodTooLong is a method longer than any in use.
	ErrMethodTooLong
	// ErrTarget is a target in none of the four forms, or in one that the method may not have.
	ErrTarget
	// ErrTargetTooLong is a target over the limit.
	ErrTargetTooLong
	// ErrVersion is a version other than HTTP/1.0 and HTTP/1.1.
	ErrVersion
	// ErrStatusLine is a line that is not version, three-digit status and reason.
	ErrStatusLine
	// ErrHeadTooLong is a head over the limit.
	ErrHeadTooLong
	// ErrTooManyFields is a head or a trailer section with more fields than the limit.
	ErrTooManyFields
	// ErrBareLF is a line that ends without a carriage return.
	ErrBareLF
	// ErrBareCR is a carriage return inside a line.
	ErrBareCR
	// ErrControl is a control character other than the tab.
	ErrControl
	// ErrFold is a field line that begins with white space.
	ErrFold
	// ErrFieldName is a field line without a colon or with a name that is not a token.
	ErrFieldName
	// ErrSpaceBeforeColon is white space between a field name and its colon.
	ErrSpaceBeforeColon
	// ErrHost is a Host that is empty or not a host with an optional port.
	ErrHost
	// ErrHostMissing is an HTTP/1.1 request without Host.
	ErrHostMissing
	// ErrHostRepeated is more than one Host.
	ErrHostRepeated
	// ErrHostMismatch is a Host other than the authority of the target.
	ErrHostMismatch
	// ErrConnection is a Connection that is no list of options, has too many, or names a field it may not.
	ErrConnection
	// ErrContentLength is a Content-Length that is not a plain decimal number below 2^63.
	ErrContentLength
	// ErrContentLengthRepeated is more than one Content-Length, equal or not.
	ErrContentLengthRepeated
	// ErrTransferEncoding is a Transfer-Encoding that does not end in chunked, once.
	ErrTransferEncoding
	// ErrTransferCoding is a transfer coding besides chunked.
	ErrTransferCoding
	// ErrTransferEncodingRepeated is more than one Transfer-Encoding.
	ErrTransferEncodingRepeated
	// ErrTransferEncodingVersion is a Transfer-Encoding in HTTP/1.0.
	ErrTransferEncodingVersion
	// ErrLengthAndEncoding is a Content-Length beside a Transfer-Encoding.
	ErrLengthAndEncoding
	// ErrConnectBody is a CONNECT request that declares a body.
	ErrConnectBody
	// ErrChunkSize is a chunk size that is not 1 to 15 hexadecimal digits.
	ErrChunkSize
	// ErrChunkExtension is a chunk extension that is malformed, or more of them than the data warrants.
	ErrChunkExtension
	// ErrChunkEnd is chunk data that is not followed by CRLF.
	ErrChunkEnd
	// ErrTrailer is a malformed trailer field, or one that may not be a trailer.
	ErrTrailer
	// ErrTrailerTooLong is a trailer section over the limit.
	ErrTrailerTooLong
)

// reasons has the status an answer should carry and the text of every Error.
var reasons = [...]struct {
	status int
	text   string
}{
	ErrLeadingLines:             {400, "read request line: more than one empty line before it"},
	ErrRequestLine:              {400, "read request line: want method, target and version, parted by one space each"},
	ErrMethod:                   {400, "read request line: the method is not a token"},
	ErrMethodTooLong:            {501, "read request line: the method is too long"},
	ErrTarget:                   {400, "read request line: the target has none of the forms the method may have"},
	ErrTargetTooLong:            {414, "read request line: the target is too long"},
	ErrVersion:                  {505, "read head: want HTTP/1.0 or HTTP/1.1"},
	ErrStatusLine:               {502, "read status line: want version, status and reason"},
	ErrHeadTooLong:              {431, "read head: too long"},
	ErrTooManyFields:            {431, "read head: too many fields"},
	ErrBareLF:                   {400, "read head: a line ends in LF without CR"},
	ErrBareCR:                   {400, "read head: a CR inside a line"},
	ErrControl:                  {400, "read head: a control character"},
	ErrFold:                     {400, "read head: a field line begins with white space"},
	ErrFieldName:                {400, "read head: a field name is not a token"},
	ErrSpaceBeforeColon:         {400, "read head: white space before a colon"},
	ErrHost:                     {400, "read host: want a host with an optional port"},
	ErrHostMissing:              {400, "read host: missing, want one in HTTP/1.1"},
	ErrHostRepeated:             {400, "read host: repeated, want one"},
	ErrHostMismatch:             {400, "read host: differs from the authority of the target"},
	ErrConnection:               {400, "read connection: want a short list of options that names no field of framing or routing"},
	ErrContentLength:            {400, "read content-length: want a plain decimal number below 2^63"},
	ErrContentLengthRepeated:    {400, "read content-length: repeated, want at most one"},
	ErrTransferEncoding:         {400, "read transfer-encoding: want chunked, once and last"},
	ErrTransferCoding:           {501, "read transfer-encoding: want no coding but chunked"},
	ErrTransferEncodingRepeated: {400, "read transfer-encoding: repeated, want at most one"},
	ErrTransferEncodingVersion:  {400, "read transfer-encoding: want none in HTTP/1.0"},
	ErrLengthAndEncoding:        {400, "read framing: want content-length or transfer-encoding, not both"},
	ErrConnectBody:              {400, "read framing: want no body in CONNECT"},
	ErrChunkSize:                {400, "read chunk: want a size of 1 to 15 hexadecimal digits"},
	ErrChunkExtension:           {400, "read chunk: the extensions are malformed or too long"},
	ErrChunkEnd:                 {400, "read chunk: want CRLF after the data"},
	ErrTrailer:                  {400, "read trailers: a field is malformed or may not be a trailer"},
	ErrTrailerTooLong:           {431, "read trailers: too long"},
}

// Error is the reason in words. It holds nothing of the message.
func (e Error) Error() string { return reasons[e].text }

// Status is the status that the answer to a refused request should carry: 400,
// 414, 431, 501 or 505. A refused response is answered 502 whatever the
// reason, and that is what ErrStatusLine says.
func (e Error) Status() int { return reasons[e].status }
