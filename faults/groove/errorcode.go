package groove

import "slices"

// ErrorCode is the ErrorCode member of an Error object, written with
// underscores: real clients compare it so, whatever some samples print.
type ErrorCode string

// Category groups error codes by the part of the service that sends them.
type Category string

// Categories of the reference.
const (
	CategoryInput        Category = "input"
	CategoryAuth         Category = "auth"
	CategoryCatalog      Category = "catalog"
	CategoryCollection   Category = "collection"
	CategoryDiscovery    Category = "discovery"
	CategoryDelivery     Category = "delivery"
	CategorySubscription Category = "subscription"
	CategoryServer       Category = "server"
)

// Categories returns every category in the order of the reference. The caller
// owns the slice.
func Categories() []Category {
	return []Category{
		CategoryInput, CategoryAuth, CategoryCatalog, CategoryCollection,
		CategoryDiscovery, CategoryDelivery, CategorySubscription, CategoryServer,
	}
}

// ErrorCodeInfo is what the reference says of one error code.
type ErrorCodeInfo struct {
	Code     ErrorCode
	Category Category
	// Status is the HTTP status that the code comes with by default. 200 marks
	// a code that is embedded in an otherwise usable answer.
	Status int
	// Description is for developers, never for end users.
	Description string
}

// Error codes that this module names in code.
const (
	CodeMissingInputParameter                  ErrorCode = "MISSING_INPUT_PARAMETER"
	CodeInvalidInputParameter                  ErrorCode = "INVALID_INPUT_PARAMETER"
	CodeIncompatibleInputParameters            ErrorCode = "INCOMPATIBLE_INPUT_PARAMETERS"
	CodeInvalidCountry                         ErrorCode = "INVALID_COUNTRY"
	CodeContinuationTokenInvalidError          ErrorCode = "CONTINUATION_TOKEN_INVALID_ERROR"
	CodeUnauthorizedInputParameter             ErrorCode = "UNAUTHORIZED_INPUT_PARAMETER"
	CodeUnauthorizedAPIMethod                  ErrorCode = "UNAUTHORIZED_API_METHOD"
	CodeAccessTokenMissing                     ErrorCode = "ACCESS_TOKEN_MISSING"
	CodeAccessTokenInvalid                     ErrorCode = "ACCESS_TOKEN_INVALID"
	CodeAccessTokenExpired                     ErrorCode = "ACCESS_TOKEN_EXPIRED"
	CodeAccessTokenInvalidSubscription         ErrorCode = "ACCESS_TOKEN_INVALID_SUBSCRIPTION"
	CodeAccessTokenValidationError             ErrorCode = "ACCESS_TOKEN_VALIDATION_ERROR"
	CodeAccessTokenSubscriptionValidationError ErrorCode = "ACCESS_TOKEN_SUBSCRIPTION_VALIDATION_ERROR"
	CodeInvalidAuthorizationHeader             ErrorCode = "INVALID_AUTHORIZATION_HEADER"
	CodeAuthorizationTokenExpired              ErrorCode = "AUTHORIZATION_TOKEN_EXPIRED"
	CodeMSAScopeRequiresUserConsent            ErrorCode = "MSA_SCOPE_REQUIRES_USER_CONSENT"
	CodeNoMusicPassSubscription                ErrorCode = "NO_MUSIC_PASS_SUBSCRIPTION"
	CodeCatalogInvalidData                     ErrorCode = "CATALOG_INVALID_DATA"
	CodeCatalogNoResult                        ErrorCode = "CATALOG_NO_RESULT"
	CodeCatalogUnavailable                     ErrorCode = "CATALOG_UNAVAILABLE"
	CodeCollectionInvalidData                  ErrorCode = "COLLECTION_INVALID_DATA"
	CodeCollectionSomeOperationsFailed         ErrorCode = "COLLECTION_SOME_OPERATIONS_FAILED"
	CodeCollectionInvalidPlaylistReorder       ErrorCode = "COLLECTION_INVALID_PLAYLIST_REORDER"
	CodeCollectionFull                         ErrorCode = "COLLECTION_FULL"
	CodeCollectionPlaylistFull                 ErrorCode = "COLLECTION_PLAYLIST_FULL"
	CodeCollectionInvalidOperation             ErrorCode = "COLLECTION_INVALID_OPERATION"
	CodeCollectionInvalidID                    ErrorCode = "COLLECTION_INVALID_ID"
	CodeCollectionInvalidPlaylistInfo          ErrorCode = "COLLECTION_INVALID_PLAYLIST_INFO"
	CodeCollectionNoResult                     ErrorCode = "COLLECTION_NO_RESULT"
	CodeCollectionConcurrentUpdate             ErrorCode = "COLLECTION_CONCURRENT_UPDATE"
	CodeCollectionInvalidResponse              ErrorCode = "COLLECTION_INVALID_RESPONSE"
	CodeCollectionOperationUnknownError        ErrorCode = "COLLECTION_OPERATION_UNKNOWN_ERROR"
	CodeDiscoveryInvalidData                   ErrorCode = "DISCOVERY_INVALID_DATA"
	CodeDiscoveryNoResult                      ErrorCode = "DISCOVERY_NO_RESULT"
	CodeDiscoveryInvalidGenre                  ErrorCode = "DISCOVERY_INVALID_GENRE"
	CodeDiscoveryInvalidResponse               ErrorCode = "DISCOVERY_INVALID_RESPONSE"
	CodeRecentPlaysInvalidData                 ErrorCode = "RECENTPLAYS_INVALID_DATA"
	CodeDelivery3rdPartyCannotStreamPurchases  ErrorCode = "DELIVERY_3RD_PARTY_CANNOT_STREAM_PURCHASES"
	CodeDeliveryUnavailableContent             ErrorCode = "DELIVERY_UNAVAILABLE_CONTENT"
	CodeDeliveryError                          ErrorCode = "DELIVERY_ERROR"
	CodeDeliveryConcurrentStreaming            ErrorCode = "DELIVERY_CONCURRENT_STREAMING"
	CodeDeliveryInvalidResponse                ErrorCode = "DELIVERY_INVALID_RESPONSE"
	CodeSubscriptionInvalidResponse            ErrorCode = "SUBSCRIPTION_INVALID_RESPONSE"
	CodeTooManyRequests                        ErrorCode = "TOO_MANY_REQUESTS"
	CodeInternalServerError                    ErrorCode = "INTERNAL_SERVER_ERROR"
)

// errorCodes is the reference's table, in its order.
var errorCodes = []ErrorCodeInfo{
	{CodeMissingInputParameter, CategoryInput, 400, "Mandatory parameter missing or empty"},
	{CodeInvalidInputParameter, CategoryInput, 400, "Invalid parameter value"},
	{CodeIncompatibleInputParameters, CategoryInput, 400, "Incompatible parameters"},
	{CodeInvalidCountry, CategoryInput, 400, "Not available in this region"},
	{CodeContinuationTokenInvalidError, CategoryInput, 400, "Incorrect continuation token"},
	{CodeUnauthorizedInputParameter, CategoryInput, 200, "A parameter this caller may not use"},
	{CodeUnauthorizedAPIMethod, CategoryInput, 403, "A method this caller may not use"},
	{CodeAccessTokenMissing, CategoryAuth, 401, "Application token required"},
	{CodeAccessTokenInvalid, CategoryAuth, 401, "Invalid application token"},
	{CodeAccessTokenExpired, CategoryAuth, 401, "Expired application token"},
	{CodeAccessTokenInvalidSubscription, CategoryAuth, 401, "The application is not subscribed to the API"},
	{CodeAccessTokenValidationError, CategoryAuth, 500, "Failure while validating the token"},
	{CodeAccessTokenSubscriptionValidationError, CategoryAuth, 500, "Failure while validating the subscription"},
	{CodeInvalidAuthorizationHeader, CategoryAuth, 401, "Authorization header missing or invalid"},
	{CodeAuthorizationTokenExpired, CategoryAuth, 401, "The user's token expired: obtain a new one"},
	{CodeMSAScopeRequiresUserConsent, CategoryAuth, 401, "The user must consent: force a sign-in"},
	{CodeNoMusicPassSubscription, CategoryAuth, 403, "The user has no subscription"},
	{CodeCatalogInvalidData, CategoryCatalog, 200, "Some results may be missing"},
	{CodeCatalogNoResult, CategoryCatalog, 404, "The item does not exist"},
	{CodeCatalogUnavailable, CategoryCatalog, 502, "No response from the catalog"},
	{CodeCollectionInvalidData, CategoryCollection, 200, "Some results may be missing or incomplete"},
	{CodeCollectionSomeOperationsFailed, CategoryCollection, 200, "Some operations of the batch failed"},
	{CodeCollectionInvalidPlaylistReorder, CategoryCollection, 400, "Invalid reorder"},
	{CodeCollectionFull, CategoryCollection, 400, "The collection is full"},
	{CodeCollectionPlaylistFull, CategoryCollection, 400, "The playlist is full"},
	{CodeCollectionInvalidOperation, CategoryCollection, 400, "Not supported"},
	{CodeCollectionInvalidID, CategoryCollection, 400, "Invalid id for this operation"},
	{CodeCollectionInvalidPlaylistInfo, CategoryCollection, 400, "Playlist information missing"},
	{CodeCollectionNoResult, CategoryCollection, 404, "Nothing in the user's collection"},
	{CodeCollectionConcurrentUpdate, CategoryCollection, 409, "Concurrent update of the collection"},
	{CodeCollectionInvalidResponse, CategoryCollection, 502, "Invalid response from the collection backend"},
	{CodeCollectionOperationUnknownError, CategoryCollection, 502, "The operation failed"},
	{CodeDiscoveryInvalidData, CategoryDiscovery, 200, "Some results may be missing or incomplete"},
	{CodeDiscoveryNoResult, CategoryDiscovery, 404, "No result"},
	{CodeDiscoveryInvalidGenre, CategoryDiscovery, 404, "No result: check the genre"},
	{CodeDiscoveryInvalidResponse, CategoryDiscovery, 502, "Invalid response from discovery"},
	{CodeRecentPlaysInvalidData, CategoryDiscovery, 200, "Some recent plays may be missing (in the SDK only)"},
	{CodeDelivery3rdPartyCannotStreamPurchases, CategoryDelivery, 403, "Purchases cannot be streamed by third parties"},
	{CodeDeliveryUnavailableContent, CategoryDelivery, 404, "Content not available for streaming"},
	{CodeDeliveryError, CategoryDelivery, 404, "Unknown streaming error"},
	{CodeDeliveryConcurrentStreaming, CategoryDelivery, 409, "The user already streams on another device"},
	{CodeDeliveryInvalidResponse, CategoryDelivery, 502, "Invalid response from delivery"},
	{CodeSubscriptionInvalidResponse, CategorySubscription, 502, "Invalid response from the subscription backend"},
	{CodeTooManyRequests, CategoryServer, 429, "Too many requests"},
	{CodeInternalServerError, CategoryServer, 500, "Serious failure"},
}

var errorCodeIndex = func() map[string]ErrorCodeInfo {
	index := make(map[string]ErrorCodeInfo, len(errorCodes))
	for _, info := range errorCodes {
		index[string(info.Code)] = info
	}
	return index
}()

// ErrorCodes returns every documented error code in the order of the
// reference. The caller owns the slice.
func ErrorCodes() []ErrorCodeInfo { return slices.Clone(errorCodes) }

// ErrorCodeByName finds a documented error code by its exact name.
func ErrorCodeByName(name string) (ErrorCodeInfo, bool) {
	info, ok := errorCodeIndex[name]
	return info, ok
}
