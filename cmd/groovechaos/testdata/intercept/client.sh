# A token, and two searches with it, by curl: client.sh TOKEN_URL SEARCH_URL [FLAG...]
set -eu
token_url=$1 search_url=$2
shift 2
body=$(mktemp)
trap 'rm -f "$body"' EXIT

# call prints the status, the version of HTTP and the body.
call() {
	curl -sS --max-time 20 -o "$body" -w '%{http_code} %{http_version} ' "$@"
	cat "$body"
	echo
}

granted=$(call "$@" --data-urlencode grant_type=client_credentials --data-urlencode client_id=intercept \
	--data-urlencode client_secret=secret --data-urlencode scope=app.music.xboxlive.com "$token_url")
echo "$granted"
token=$(printf %s "$granted" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
for _ in 1 2; do
	call "$@" -H "Authorization: Bearer $token" "$search_url"
done
