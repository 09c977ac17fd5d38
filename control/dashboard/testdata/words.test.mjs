import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

// The scripts are modules for a browser, which goes by the media type and not by the name.
const load = (name) => import(`data:text/javascript;base64,${readFileSync(new URL(`../page/${name}`, import.meta.url)).toString("base64")}`);
const words = await load("words.js");
const traffic = await load("traffic.js");

test("effects are said", () => {
  const said = [
    [{ answer: { status: 429, error_code: "", retry_after: { seconds: "0" }, at: "" } }, "answer 429, Retry-After 0"],
    [{ answer: { status: 0, error_code: "CATALOG_UNAVAILABLE", retry_after: { raw: "soon" }, at: "after" } }, "answer CATALOG_UNAVAILABLE, Retry-After “soon”, after"],
    [{ delay: { fixed: "0.250s", at: "" } }, "delay 250 ms"],
    [{ delay: { log_normal: { p50: "0.080s", p99: "1.200s" }, at: "after" } }, "delay median 80 ms, p99 1.2 s, after"],
    [{ break: { how: "reset", at: "mid_body" } }, "reset, mid body"],
    [{ truncate: { share: 0.5 } }, "cut off after 50 %"],
    [{ truncate: { bytes: "0" } }, "cut off after 0 bytes"],
    [{ soft_error: { error_code: "" } }, "error inside a 200"],
    [{ quota: { requests: "10" } }, "answer 429"],
  ];
  for (const [fault, want] of said) assert.equal(words.effectOf(fault), want);
});

test("one is not many", () => {
  const said = [["0", "0 calls"], ["1", "1 call"], [1, "1 call"], ["2", "2 calls"], ["12345", "12,345 calls"]];
  for (const [count, want] of said) assert.equal(words.counted(count, "call"), want);
});

test("triggers are said", () => {
  const none = { first: "0", every: "0", attempts: "0", limit: "0" };
  const said = [
    [{}, "always"], [{ share: 0 }, "0 %"], [{ share: 0.001 }, "0.1 %"], [{ first: "3" }, "the first 3"],
    [{ share: 0.1, attempts: "2" }, "10 %, attempts 1 to 2"], [{ quota: { requests: "10" } }, "over 10 in 1 s"],
    [{ quota: { requests: "600", per: "60s" } }, "over 600 in 1 min 0 s"],
  ];
  for (const [fault, want] of said) assert.equal(words.triggerOf({ ...none, ...fault }), want);
});

test("matches are said", () => {
  assert.equal(words.matchOf({}), "everything");
  const match = { methods: ["GET"], endpoints: ["lookup", "search"], hosts: [], path: "", query: { q: "*" }, headers: {}, clients: ["web*"] };
  assert.equal(words.matchOf({ match }), "GET · lookup, search · q=* · web*");
});

test("answers are said", () => {
  assert.equal(words.answerOf({ status: 503, error_code: "", break: "", end: "complete" }), "503");
  assert.equal(words.answerOf({ status: 0, error_code: "", break: "reset", end: "broken" }), "reset");
  assert.equal(words.answerOf({ status: 0, error_code: "", break: "", end: "client_left" }), "no answer client left");
});

test("attempts of several proxies, and of earlier ones, are kept apart", () => {
  const attempts = [{ sequence: "1", node: "" }, { sequence: "1", node: "a" }, { sequence: "1", node: "b" }, { sequence: "11", node: "a" }, { sequence: "1" }];
  assert.equal(new Set(attempts.map(words.attemptKey)).size, 4);
});

test("the form makes the fault that it shows", () => {
  const base = { name: "x", endpoint: "genres", amount: "10", ttl: "600s" };
  assert.deepEqual(words.faultFrom({ ...base, effect: "answer 503", trigger: "share" }),
    { name: "x", match: { endpoints: ["genres"] }, answer: { status: 503 }, share: 0.1, ttl: "600s" });
  assert.deepEqual(words.faultFrom({ ...base, endpoint: "", ttl: "", effect: "lost answer", trigger: "first" }),
    { name: "x", break: { how: "reset", at: "after" }, first: 10 });
  assert.deepEqual(words.faultFrom({ ...base, effect: "delay 1s", trigger: "attempts", amount: "2" }).delay, { fixed: "1s" });
  assert.deepEqual(words.faultFrom({ ...base, effect: "soft error", trigger: "always" }).soft_error, {});
});

test("findings come worst first", () => {
  const results = ["pass", "warn", "inconclusive", "fail", "info"].map((result) => ({ result }));
  assert.deepEqual(words.worst(results).map((f) => f.result), ["fail", "warn"]);
});

test("rates follow the counters and survive a restart", () => {
  const line = (origin, n) => `groovechaos_exchange_seconds_count{origin="${origin}"} ${n}\n`;
  const counts = traffic.exchanges(`# TYPE x histogram\n${line("upstream", 100)}${line("injected", "1e+06")}${line("ours", 0)}`);
  assert.deepEqual(counts, { upstream: 100, injected: 1e6, ours: 0 });
  const rates = new traffic.Rates(2);
  rates.add(counts, 0);
  assert.deepEqual(rates.now, { upstream: 0, injected: 0, ours: 0 });
  rates.add({ upstream: 150, injected: 1e6 + 10, ours: 0 }, 2000);
  assert.deepEqual(rates.now, { upstream: 25, injected: 5, ours: 0 });
  rates.add({ upstream: 1, injected: 0, ours: 0 }, 3000);
  assert.equal(rates.points.length, 1);
  for (const [n, at] of [[11, 4000], [31, 5000], [32, 6000]]) rates.add({ upstream: n, injected: 0, ours: 0 }, at);
  assert.deepEqual(rates.points.map((p) => p.upstream), [20, 1]);
  assert.equal(rates.peak, 20);
});

test("areas are stacked, end on the right and fill the height at the peak", () => {
  const rates = new traffic.Rates(3);
  for (const [n, at] of [[0, 0], [10, 1000], [30, 2000]]) rates.add({ upstream: n, injected: 0, ours: 0 }, at);
  const [upstream, injected] = traffic.areas(rates, 100, 40);
  assert.equal(upstream.path, "M50.0,20.0L100.0,0.0L100.0,40.0L50.0,40.0Z");
  assert.equal(injected.path, "M50.0,20.0L100.0,0.0L100.0,0.0L50.0,20.0Z");
});
