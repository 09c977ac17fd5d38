// A caller of Groove that behaves: it repeats what may pass, leaves alone what must not be
// repeated, waits longer each time and as long as it is told, and hands errors on.
import { randomUUID } from 'node:crypto';

/** What is repeated, how often, and after how long. */
export const sound = {
  attempts: 4,
  timeout: 30_000,
  // status is 0 where no answer came. A write whose fate is unknown is not sent again.
  repeats: (method, status) => method === 'GET' && [0, 429, 500, 502, 503, 504].includes(status),
  // Milliseconds before repeat k, from 1 on: exponential, with half of it drawn, so that many callers do not come back as one.
  wait(k, retryAfter) {
    if (retryAfter !== undefined) return retryAfter + 50 * Math.random();
    const most = 250 * 2 ** k;
    return most / 2 + (most / 2) * Math.random();
  },
  refreshes: (code) => code === 'ACCESS_TOKEN_EXPIRED',
};

/** What went wrong with a call. The description is for developers. */
export class GrooveError extends Error {
  constructor(status, code, description) {
    super(description);
    Object.assign(this, { status, code });
  }
}

export class Groove {
  constructor({ base, client = 'example', secret = 'example', userToken, policy = sound }) {
    Object.assign(this, { base, client, secret, userToken, policy });
  }

  /** Asks for something of the catalogue. trace is a traceparent to pass on. */
  async get(path, trace) {
    return this.#call('GET', path, undefined, trace);
  }

  /** Adds tracks to the user's collection. */
  async add(trackIds, trace) {
    return this.#call('POST', '/1/content/music/collection/add', JSON.stringify({ TrackIds: trackIds }), trace);
  }

  async #call(method, path, body, trace) {
    let refreshed = false;
    const id = randomUUID(); // The same for all attempts of a call: a short chaos stage need not guess then.
    for (let k = 1; ; k++) {
      const token = body ? this.userToken : await this.#token();
      const answer = await this.#attempt(method, path, body, { token, trace, id });
      if (answer.error === undefined) return answer.document;
      const { status, code } = answer.error;
      if (!refreshed && !body && this.policy.refreshes(code)) {
        refreshed = true;
        this.#forget(token);
        continue;
      }
      if (k >= this.policy.attempts || !this.policy.repeats(method, status)) throw answer.error;
      await pause(this.policy.wait(k, answer.retryAfter));
    }
  }

  async #attempt(method, path, body, { token, trace, id }) {
    const headers = { Authorization: `Bearer ${token}`, Accept: 'application/json', 'X-Groovechaos-Call': id };
    if (body) headers['Content-Type'] = 'application/json';
    if (trace) headers.traceparent = trace;
    return this.#send(path, { method, headers, body });
  }

  async #send(path, request) {
    try {
      const headers = { ...request.headers, 'User-Agent': 'music-node/1.0' };
      const response = await fetch(this.base + path, { ...request, headers, signal: AbortSignal.timeout(this.policy.timeout) });
      const text = await response.text();
      if (response.ok) return { document: JSON.parse(text) };
      const told = errorIn(text);
      return { error: new GrooveError(response.status, told.ErrorCode, told.Description), retryAfter: waitOf(response) };
    } catch (cause) {
      return { error: new GrooveError(0, undefined, String(cause.cause ?? cause)) };
    }
  }

  /** The application's token: asked for once, however many calls want it. */
  #token() {
    this.issued ??= this.#issue().catch((error) => {
      this.issued = undefined;
      throw error;
    });
    return this.issued;
  }

  async #issue() {
    const form = { grant_type: 'client_credentials', client_id: this.client, client_secret: this.secret, scope: 'app.music.xboxlive.com' };
    const request = { method: 'POST', body: new URLSearchParams(form).toString(), headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
    for (let k = 1; ; k++) {
      const answer = await this.#send('/accesstoken.srf', request);
      if (answer.error === undefined) return (this.current = answer.document.access_token);
      // To ask again is as harmless as with a GET.
      if (k >= this.policy.attempts || !this.policy.repeats('GET', answer.error.status)) throw answer.error;
      await pause(this.policy.wait(k, answer.retryAfter));
    }
  }

  /** Lets go of a token that has expired, unless there is another one already. */
  #forget(token) {
    if (this.current === token) this.issued = this.current = undefined;
  }
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function errorIn(text) {
  try {
    return JSON.parse(text).Error ?? {};
  } catch {
    return {}; // A load balancer sends no JSON.
  }
}

/** Milliseconds that an answer asks to wait: seconds or a date, undefined for nothing that can be read. */
function waitOf(response) {
  const field = response.headers.get('retry-after');
  if (field === null) return undefined;
  if (/^\d+$/.test(field)) return 1000 * Number(field);
  const date = Date.parse(field);
  return Number.isNaN(date) ? undefined : Math.max(date - Date.now(), 0);
}
