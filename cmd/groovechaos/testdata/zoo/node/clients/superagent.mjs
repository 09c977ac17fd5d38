// superagent with .retry(3).
import superagent from "superagent";

export async function send(method, url, headers, body) {
  const response = await superagent(method, url).set(headers).retry(3).send(body);
  return response.status;
}
