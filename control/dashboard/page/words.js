// What things are called on the page. Nothing here touches the page or the network.

/** seconds reads a protobuf duration such as "1.5s"; 0 for none. */
export const seconds = (text) => (text ? Number.parseFloat(text) : 0);

/** span says a duration, given in seconds, in its largest unit. */
export function span(s) {
  if (s < 0.0005) return "0 ms";
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 60) return `${+s.toFixed(s < 10 ? 1 : 0)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;
  return `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min`;
}

/** whole says a number with its thousands apart. */
export const whole = (number) => Number(number).toLocaleString("en");

/** counted says how many of something there are. */
export const counted = (count, thing) => `${whole(count)} ${thing}${Number(count) === 1 ? "" : "s"}`;

/** percent says a share with as many digits as it needs. */
export const percent = (share) => `${+(share * 100).toFixed(4)} %`;

const list = (values) => (values ?? []).join(", ");

const place = (at) => (at && at !== "before" ? `, ${at.replaceAll("_", " ")}` : "");

function retryAfter(r) {
  if (!r) return "";
  if (r.seconds !== undefined) return `, Retry-After ${r.seconds}`;
  return r.raw !== undefined ? `, Retry-After “${r.raw}”` : `, Retry-After a date in ${span(seconds(r.date_in))}`;
}

function delay(d) {
  const by = {
    fixed: (v) => span(seconds(v)),
    uniform: (v) => `${span(seconds(v.min))} to ${span(seconds(v.max))}`,
    normal: (v) => `${span(seconds(v.mean))} ± ${span(seconds(v.stddev))}`,
    log_normal: (v) => `median ${span(seconds(v.p50))}, p99 ${span(seconds(v.p99))}`,
    exponential: (v) => `${span(seconds(v.mean))} on average`,
    pareto: (v) => `${span(seconds(v.min))} and more`,
  };
  const kind = Object.keys(by).find((name) => d[name] !== undefined);
  return `delay ${kind ? by[kind](d[kind]) : ""}${place(d.at)}`;
}

const effects = {
  answer: (a) => `answer ${[a.status || "", a.error_code].filter(Boolean).join(" ")}${retryAfter(a.retry_after)}${place(a.at)}`,
  soft_error: (e) => `error inside a 200${e.error_code ? `: ${e.error_code}` : ""}`,
  delay,
  break: (b) => `${b.how}${place(b.at)}`,
  throttle: (t) => `${whole(t.bytes_per_second)} bytes a second`,
  truncate: (t) => `cut off after ${t.bytes !== undefined ? `${t.bytes} bytes` : percent(t.share)}`,
  corrupt: (c) => `spoilt: ${c.how}`,
};

/** effectOf says what a fault does. */
export function effectOf(fault) {
  const kind = Object.keys(effects).find((name) => fault[name]);
  return kind ? effects[kind](fault[kind]) : "answer 429";
}

/** triggerOf says when it does so. */
export function triggerOf(fault) {
  const parts = [];
  if (fault.share !== undefined) parts.push(percent(fault.share));
  if (+fault.first) parts.push(`the first ${fault.first}`);
  if (+fault.every) parts.push(`every ${fault.every}th`);
  if (fault.quota) parts.push(`over ${fault.quota.requests} in ${span(seconds(fault.quota.per) || 1)}`);
  if (+fault.attempts) parts.push(`attempts 1 to ${fault.attempts}`);
  if (+fault.limit) parts.push(`at most ${fault.limit} times`);
  return parts.join(", ") || "always";
}

/** matchOf says on which exchanges. */
export function matchOf({ match }) {
  if (!match) return "everything";
  const named = (values) => Object.entries(values ?? {}).map(([name, pattern]) => `${name}=${pattern}`);
  const parts = [
    list(match.methods), list(match.endpoints), list(match.hosts), match.path,
    named(match.query).join(" "), named(match.headers).join(" "), list(match.clients),
  ];
  return parts.filter(Boolean).join(" · ") || "everything";
}

/** lower takes the prefix off an enumeration: STATE_ACTIVE is active. */
export const lower = (name) => (name ?? "").replace(/^STATE_/, "").toLowerCase();

/** answerOf says what a client got. */
export function answerOf(attempt) {
  if (attempt.break) return `${attempt.break}${attempt.status ? ` after ${attempt.status}` : ""}`;
  const status = attempt.status || "no answer";
  return [status, attempt.error_code, attempt.end === "client_left" ? "client left" : ""].filter(Boolean).join(" ");
}

/** attemptKey tells an attempt from all others: each process of a proxy numbers its own from 1. */
export const attemptKey = (a) => `${a.sequence} ${a.node ?? ""}`;

/** faultsOf names all faults that had to do with an attempt. */
export const faultsOf = (a) => [...new Set([a.fault, ...(a.delayed_by ?? []), ...(a.spoiled_by ?? [])])].filter(Boolean).join(", ");

const weight = { fail: 0, warn: 1, inconclusive: 2, info: 3, pass: 4 };

/** worst orders findings so that what matters most comes first. Inconclusive ones count where something happened for them. */
export const worst = (findings) =>
  findings.filter((f) => f.result === "fail" || f.result === "warn").sort((a, b) => weight[a.result] - weight[b.result]);

/** faultFrom builds the fault that the form asks for. */
export function faultFrom({ name, endpoint, effect, trigger, amount, ttl }) {
  const [kind, value] = effect.split(" ");
  const fault = { name };
  if (endpoint) fault.match = { endpoints: [endpoint] };
  if (kind === "answer") fault.answer = { status: Number(value) };
  if (kind === "delay") fault.delay = { fixed: value };
  if (kind === "soft") fault.soft_error = {};
  if (kind === "lost") fault.break = { how: "reset", at: "after" };
  if (kind === "break") fault.break = { how: value };
  if (trigger === "share") fault.share = Number(amount) / 100;
  if (trigger === "first") fault.first = Number(amount);
  if (trigger === "attempts") fault.attempts = Number(amount);
  if (ttl) fault.ttl = ttl;
  return fault;
}
