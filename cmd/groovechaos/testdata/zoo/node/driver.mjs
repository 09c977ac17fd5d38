// Makes calls by one of the HTTP clients of Node: driver.mjs CLIENT BASE_URL IDENTITY TOKEN
//
// Every line on standard input is a call, as JSON, and is made at once, beside those that are under way. Every line
// on standard output says how one ended.
import { createInterface } from "node:readline";

const [client, base, identity, token] = process.argv.slice(2);
const { send } = await import(`./clients/${client}.mjs`);

// made makes a call and everything that the client does about it.
async function made({ id, method, path, body }) {
  const headers = { authorization: `Bearer ${token}`, "x-zoo-client": identity, "x-zoo-call": id };
  if (body) headers["content-type"] = "application/json";
  try {
    return { id, status: await send(method, base + path, headers, body || undefined) };
  } catch (error) {
    return { id, status: error.response?.status ?? error.response?.statusCode ?? error.statusCode ?? 0, error: String(error) };
  }
}

const underWay = [];
for await (const line of createInterface({ input: process.stdin })) {
  underWay.push(made(JSON.parse(line)).then((outcome) => console.log(JSON.stringify(outcome))));
}
await Promise.all(underWay);
process.exit();
