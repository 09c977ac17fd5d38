// wretch with its middleware retry as it comes.
import wretch from "wretch";
import { retry } from "wretch/middlewares/retry";

export async function send(method, url, headers, body) {
  const client = wretch(url).headers(headers).middlewares([retry()]);
  const response = await client.fetch(method, "", body).res();
  await response.arrayBuffer();
  return response.status;
}
