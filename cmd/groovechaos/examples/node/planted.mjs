// Faults that are planted on purpose, to show what the chaos stage finds: each takes one thing
// away from the sound caller or the honest service. PLANTED=name node --test runs with one.
import { sound } from './groove.mjs';
import { honest } from './service.mjs';

const ofCaller = (change) => ({ policy: { ...sound, ...change }, told: honest });
const ofService = (change) => ({ policy: sound, told: { ...honest, ...change } });

export const planted = {
  'repeats-writes': ofCaller({ repeats: (method, status) => method === 'POST' || sound.repeats(method, status) }),
  'ignores-retry-after': ofCaller({ wait: (k) => sound.wait(k) }),
  'never-repeats-503': ofCaller({ repeats: (method, status) => status !== 503 && sound.repeats(method, status) }),
  'repeats-404': ofCaller({ repeats: (method, status) => status === 404 || sound.repeats(method, status) }),
  'no-backoff': ofCaller({ wait: (k, retryAfter) => (retryAfter === undefined ? 0 : sound.wait(k, retryAfter)) }),
  'keeps-expired-token': ofCaller({ refreshes: () => false }),
  'hides-errors': ofService({ error: () => [200, { items: [], partial: false }] }),
  'leaks-descriptions': ofService({
    error: (error) => [honest.error(error)[0], { error: { code: 'unavailable', message: `Sorry: ${error.message}` } }],
  }),
  'misses-soft-errors': ofService({ result: (document) => [200, { ...honest.result(document)[1], partial: false }] }),
};
