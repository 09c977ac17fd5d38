// got as it comes.
import got from "got";

export async function send(method, url, headers, body) {
  const response = await got(url, { method, headers, body });
  return response.statusCode;
}
