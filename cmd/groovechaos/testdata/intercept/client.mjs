// A token, and two searches with it, by axios: client.mjs TOKEN_URL SEARCH_URL
import axios from "axios";

const [tokenURL, searchURL] = process.argv.slice(2);
const client = axios.create({ timeout: 20_000, validateStatus: () => true });

async function call(options) {
  const response = await client.request(options);
  const message = response.request.res ?? response.request;
  const body = response.data === "" ? "" : JSON.stringify(response.data);
  console.log(response.status, message.httpVersion, body);
  return response.data;
}

const granted = await call({
  method: "POST",
  url: tokenURL,
  data: new URLSearchParams({
    grant_type: "client_credentials",
    client_id: "intercept",
    client_secret: "secret",
    scope: "app.music.xboxlive.com",
  }),
});
for (let i = 0; i < 2; i++) {
  await call({ url: searchURL, headers: { Authorization: `Bearer ${granted.access_token}` } });
}
