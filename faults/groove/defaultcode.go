package groove

import "slices"

// plausible lists for each status the codes that an endpoint may send with it,
// the likeliest first; the first that fits is taken. For 401 that is expiry,
// which befalls every client that runs for a day.
var plausible = map[int][]ErrorCode{
	200: {CodeCatalogInvalidData, CodeCollectionInvalidData, CodeDiscoveryInvalidData, CodeUnauthorizedInputParameter},
	400: {CodeInvalidInputParameter},
	401: {CodeAccessTokenExpired},
	403: {CodeUnauthorizedAPIMethod},
	404: {CodeCatalogNoResult, CodeCollectionNoResult, CodeDiscoveryNoResult, CodeDeliveryUnavailableContent},
	409: {CodeCollectionConcurrentUpdate, CodeDeliveryConcurrentStreaming},
	429: {CodeTooManyRequests},
	500: {CodeInternalServerError},
	502: {
		CodeCatalogUnavailable, CodeCollectionInvalidResponse, CodeDiscoveryInvalidResponse,
		CodeDeliveryInvalidResponse, CodeSubscriptionInvalidResponse,
	},
}

// DefaultErrorCode returns the code that e most plausibly sends with status,
// or "" where the reference names none: for 503, and where no code of that
// status fits e, such as 404 for genres. Whatever it returns fits e. The zero
// Endpoint, a target outside the contract, gets what fits every endpoint.
func DefaultErrorCode(e Endpoint, status int) ErrorCode {
	if e.Categories == nil {
		e.Categories = fitsGeneral
	}
	if code := particular(&e, status); e.Fits(code) {
		return code
	}
	if i := slices.IndexFunc(plausible[status], e.Fits); i >= 0 {
		return plausible[status][i]
	}
	return ""
}

// particular returns the code that the traits of e make likelier than the
// general rule, or "".
func particular(e *Endpoint, status int) ErrorCode {
	switch {
	case status == 200 && e.Repeat == RepeatUnsafe:
		return CodeCollectionSomeOperationsFailed
	case status == 401 && e.User == UserTokenRequired:
		return CodeAuthorizationTokenExpired
	case status == 401 && e.Name == Token:
		return CodeAccessTokenInvalid
	case status == 403 && e.Name == Stream:
		return CodeNoMusicPassSubscription
	default:
		return ""
	}
}
