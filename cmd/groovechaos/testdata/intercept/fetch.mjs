// A token, and two searches with it, by Node's own fetch, which reads no
// variables of a proxy: fetch.mjs TOKEN_URL SEARCH_URL
const [tokenURL, searchURL] = process.argv.slice(2);

async function call(url, options) {
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000), ...options });
  const body = await response.text();
  console.log(response.status, "1.1", body); // it speaks nothing else
  return body;
}

const granted = JSON.parse(
  await call(tokenURL, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: "intercept",
      client_secret: "secret",
      scope: "app.music.xboxlive.com",
    }),
  }),
);
for (let i = 0; i < 2; i++) {
  await call(searchURL, { headers: { Authorization: `Bearer ${granted.access_token}` } });
}
