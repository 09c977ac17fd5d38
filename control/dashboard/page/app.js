import { Refusal, get, post, remove, text, token } from "./api.js";
import { element, set, table } from "./rows.js";
import { ORIGINS, Rates, areas, exchanges } from "./traffic.js";
import { answerOf, attemptKey, counted, effectOf, faultFrom, faultsOf, lower, matchOf, seconds, span, triggerOf, whole, worst } from "./words.js";

const MOST_FAULTS = 200;
const MOST_ATTEMPTS = 30;
const MOST_CLIENTS = 20;
// Runs come oldest first, and no more are kept.
const MOST_RUNS = 1000;
const SHOWN_RUNS = 20;
const $ = (id) => document.getElementById(id);
const clock = (time) => new Date(time).toLocaleTimeString([], { hour12: false });

// Looking -----------------------------------------------------------------

const rates = new Rates(120);
let lastAttempts = -1;

async function look() {
  const [status, brake, faults, metrics, nodes, runs] = await Promise.all([
    get("/v1/status"), get("/v1/brake"), get(`/v1/faults?page_size=${MOST_FAULTS}`), text("/metrics"), get("/v1/nodes"), get(`/v1/runs?page_size=${MOST_RUNS}`),
  ]);
  showStatus(status);
  showBrake(brake);
  showFaults(faults, status);
  showTraffic(exchanges(metrics));
  showNodes(nodes.nodes);
  showRuns(runs.runs.reverse().slice(0, SHOWN_RUNS));
  const seen = Number(status.attempts);
  if (seen !== lastAttempts) {
    const from = Math.max(0, seen - MOST_ATTEMPTS);
    const { attempts } = await get(`/v1/attempts?page_size=${MOST_ATTEMPTS}&from=${from}`);
    showAttempts(attempts.reverse());
    lastAttempts = seen;
  }
}

function showStatus(status) {
  const proxy = status.listeners.map((l) => l.address).join(", ") || status.proxy_address;
  set($("about"), `${status.version} · proxy ${proxy || "none"} → ${status.upstream || "none"}, since ${clock(status.start_time)}`);
  const lost = Number(status.dropped_attempts);
  set($("losses"), `${counted(status.attempts, "attempt")} recorded${lost ? `, ${whole(lost)} lost: the verdict says so` : ", none lost"}`);
}

function showBrake(brake) {
  $("brake").classList.toggle("pulled", brake.pulled);
  const who = brake.actor ? ` by ${brake.actor}` : "";
  const when = brake.update_time ? ` at ${clock(brake.update_time)}` : "";
  set($("brake-state"), brake.pulled
    ? `Pulled${who}${when}: ${brake.reason || "no reason given"}. No fault strikes and none can be added.`
    : "Released: faults strike.");
  set($("brake-button"), brake.pulled ? "Release the brake" : "Stop every fault");
  $("brake-button").className = brake.pulled ? "" : "danger";
  $("brake-reason").hidden = brake.pulled;
  $("brake-form").dataset.pulled = brake.pulled;
}

const badge = (state) => ({ text: state, className: `state ${state}` });
const number = (value) => ({ text: whole(value ?? 0), className: "n" });

const fillFaults = table($("faults"), {
  key: (f) => f.name,
  columns: [
    (f) => ({ text: f.name, className: "name" }),
    (f) => badge(lower(f.state)),
    effectOf, triggerOf, matchOf,
    (f) => number(f.use?.matched), (f) => number(f.use?.fired), (f) => number(f.use?.held),
    (f) => (f.expire_time ? ends(f.expire_time) : ""),
  ],
  controls: (cell, fault) => {
    const flip = element("button", { type: "button", onclick: () => act(() => switchFault(fault())) });
    const away = element("button", { type: "button", textContent: "Remove", onclick: () => act(() => removeFault(fault())) });
    cell.append(flip, " ", away);
    return (f) => set(flip, f.disabled ? "Enable" : "Disable");
  },
});

function ends(time) {
  const left = (new Date(time) - Date.now()) / 1000;
  return left > 0 ? `in ${span(left)}` : "over";
}

function showFaults({ faults, next_page_token: more }, status) {
  fillFaults(faults);
  const striking = faults.filter((f) => lower(f.state) === "active").length;
  set($("faults-count"), faults.length ? `${striking} of ${faults.length} in force` : "none");
  $("faults-more").hidden = !more;
  if (more) set($("faults-more"), `The first ${faults.length} of ${status.faults}; all of them: groovechaos fault list`);
}

const switchFault = (f) => post(`/v1/faults/${encodeURIComponent(f.name)}:${f.disabled ? "enable" : "disable"}`);
const removeFault = (f) => remove(`/v1/faults/${encodeURIComponent(f.name)}`);

function showTraffic(counts) {
  rates.add(counts, performance.now());
  for (const origin of ORIGINS) set($(`rate-${origin}`), whole(Math.round(rates.now[origin])));
  set($("peak"), whole(Math.round(rates.peak)));
  const chart = $("chart");
  for (const { origin, path } of areas(rates, 600, 120)) {
    let shape = chart.querySelector(`.${origin}`);
    if (!shape) {
      shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
      shape.setAttribute("class", origin);
      chart.append(shape);
    }
    shape.setAttribute("d", path);
  }
}

const showAttempts = table($("attempts"), {
  key: attemptKey,
  columns: [
    (a) => ({ text: a.sequence, className: "n" }),
    (a) => clock(a.time),
    (a) => ({ text: a.client, className: "name" }),
    (a) => ({ text: `${a.method} ${a.target}`, className: "target", title: `${a.host}${a.target}` }),
    (a) => ({ text: answerOf(a), className: `answer ${a.break ? "broken" : a.class}` }),
    (a) => a.origin, faultsOf,
    (a) => ({ text: span(seconds(a.answered) - seconds(a.received)), className: "n" }),
  ],
});

const showNodes = table($("nodes"), {
  key: (n) => n.name,
  columns: [
    (n) => ({ text: n.name, className: "name" }), (n) => n.role,
    (n) => (n.braked ? badge("braked") : badge(n.current ? "current" : "behind")),
    (n) => number(n.attempts), (n) => number(n.lost_attempts), (n) => clock(n.seen_time),
  ],
});

const fillRuns = table($("runs"), {
  key: (r) => r.id,
  columns: [
    (r) => ({ text: r.id, className: "name" }), (r) => badge(lower(r.state)),
    (r) => r.phase || r.reason, (r) => (r.result ? badge(r.result) : ""),
  ],
  controls: (cell, run) => {
    const stop = element("button", { type: "button", textContent: "Stop", onclick: () => act(() => post(`/v1/runs/${encodeURIComponent(run().id)}:stop`)) });
    cell.append(stop);
    return (r) => { stop.hidden = lower(r.state) !== "running"; };
  },
});

function showRuns(runs) {
  fillRuns(runs);
  $("no-runs").hidden = runs.length > 0;
}

// Judging -----------------------------------------------------------------

async function judge() {
  const [verdict, coverage] = await Promise.all([get("/v1/verdict"), get("/v1/coverage")]);
  const tally = coverage.tally;
  set($("verdict-result"), verdict.clients.length ? verdict.result : "nobody seen");
  $("verdict-result").className = `badge ${verdict.clients.length ? verdict.result : ""}`;
  set($("verdict-why"), verdict.reasons.slice(0, 3).join("; "));
  const shown = [...verdict.clients].sort((a, b) => gravity(a) - gravity(b)).slice(0, MOST_CLIENTS);
  $("clients").replaceChildren(...shown.map(clientCard));
  if (verdict.clients.length > shown.length) {
    $("clients").append(element("p", { className: "quiet", textContent: `and ${verdict.clients.length - shown.length} more clients` }));
  }
  set($("judged"), `judged at ${clock(Date.now())}; ${tally.covered} of ${tally.of} documented errors met on the endpoints in use`);
}

const gravity = (client) => ["fail", "inconclusive", "pass"].indexOf(client.result);

function clientCard(client) {
  const findings = worst(client.findings);
  const passed = client.findings.filter((f) => f.result === "pass").length;
  const unclear = client.findings.filter((f) => f.result === "inconclusive" && f.exposed > 0).length;
  return element("article", { className: `client ${client.result}` },
    element("h3", {},
      element("span", { className: `badge ${client.result}`, textContent: client.result }), " ",
      element("span", { className: "name", textContent: client.client }), " ",
      element("span", { className: "quiet", textContent: `${counted(client.calls, "call")}, ${counted(client.attempts, "attempt")}` })),
    ...client.laws.slice(0, 1).map((law) => element("p", { textContent: `Retries: ${law.sentence}` })),
    ...findings.map(findingLine),
    element("p", { className: "quiet", textContent: `${counted(passed, "check")} passed, ${unclear} saw too little` }));
}

function findingLine(f) {
  const line = element("div", { className: `finding ${f.result}` },
    element("p", {}, element("b", { textContent: f.check }), ` ${f.summary}`));
  if (f.advice) line.append(element("p", { className: "quiet", textContent: f.advice }));
  return line;
}

// Switching ---------------------------------------------------------------

const EFFECTS = {
  "answer 503": "503 Service Unavailable", "answer 429": "429 Too Many Requests", "answer 500": "500 Internal Server Error",
  "answer 502": "502 Bad Gateway", "answer 400": "400 Bad Request", "answer 401": "401 Unauthorized", "answer 403": "403 Forbidden",
  "answer 404": "404 Not Found", "answer 409": "409 Conflict", "soft error": "an Error inside the 200", "delay 1s": "1 s late",
  "delay 10s": "10 s late", "break reset": "connection reset", "break close": "connection closed", "break hang": "silence",
  "lost answer": "done by Groove, answer lost",
};

/** act does what a button stands for, shows what came of it, and looks again at once. */
async function act(what) {
  try {
    await what();
    $("notice").hidden = true;
  } catch (error) {
    complain(error);
    return;
  }
  await tick();
}

function complain(error) {
  if (error instanceof Refusal && error.status === 401) {
    askWho(token.get() ? error.message : "");
    return;
  }
  const lost = !(error instanceof Refusal);
  set($("notice"), lost ? "groovechaos does not answer; trying again." : error.message);
  $("notice").hidden = false;
}

$("brake-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const pulled = $("brake-form").dataset.pulled === "true";
  const reason = $("brake-reason").value || "pulled on the page";
  act(() => (pulled ? post("/v1/brake:release") : post("/v1/brake:pull", { reason })));
});

$("fault-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    await post("/v1/faults", faultFrom(Object.fromEntries(new FormData(form))));
    set($("fault-error"), "");
    form.elements.name.value = "";
    await tick();
  } catch (error) {
    set($("fault-error"), error.message);
  }
});

$("judge").addEventListener("click", () => act(judge));

// Who is looking ----------------------------------------------------------

function askWho(why) {
  set($("ask-error"), why);
  if (!$("ask").open) $("ask").showModal();
}

$("ask-form").addEventListener("submit", () => {
  token.set($("ask-token").value.trim());
  $("ask-token").value = "";
  start();
});

$("sign-out").addEventListener("click", () => {
  token.forget();
  location.reload();
});

// Going on ----------------------------------------------------------------

let looking = false;

/** tick looks once. It says whether that went well, and does nothing while another one is under way. */
async function tick() {
  if (looking) return true;
  looking = true;
  try {
    await look();
    if (!$("notice").hidden && $("notice").textContent.startsWith("groovechaos does not answer")) $("notice").hidden = true;
    return true;
  } catch (error) {
    complain(error);
    return false;
  } finally {
    looking = false;
  }
}

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

/** every calls what again and again, while the page is looked at and nobody is asked for a token. */
async function every(what) {
  for (;;) {
    if (document.hidden || $("ask").open) await pause(500);
    else await pause(await what());
  }
}

let judgedAttempts = -1;

async function judgeIfNew() {
  if (lastAttempts === judgedAttempts) return 1000;
  const begin = performance.now();
  try {
    const upTo = lastAttempts;
    await judge();
    judgedAttempts = upTo;
  } catch (error) {
    complain(error);
  }
  return Math.max(5000, 9 * (performance.now() - begin));
}

async function start() {
  $("sign-out").hidden = !token.get();
  if (!(await tick())) return;
  const { endpoints } = await get("/v1/endpoints");
  const choice = $("fault-form").elements.endpoint;
  choice.replaceChildren(choice.options[0], ...endpoints.map((e) => element("option", { value: e.name, textContent: e.name })));
}

$("fault-form").elements.effect.append(...Object.entries(EFFECTS).map(([value, textContent]) => element("option", { value, textContent })));
start();
every(async () => ((await tick()) ? 1000 : 3000));
every(judgeIfNew);
