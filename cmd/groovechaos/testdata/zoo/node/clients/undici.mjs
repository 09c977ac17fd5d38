// The RetryAgent of undici as it comes.
import { Agent, request, RetryAgent } from "undici";

const dispatcher = new RetryAgent(new Agent());

export async function send(method, url, headers, body) {
  const response = await request(url, { dispatcher, method, headers, body });
  await response.body.dump();
  return response.statusCode;
}
