// How much happens, from the counters that Prometheus reads. Nothing here touches the network.

export const ORIGINS = ["upstream", "injected", "ours"];

/** exchanges reads how many exchanges ended so far, by who answered. */
export function exchanges(metrics) {
  const counts = Object.fromEntries(ORIGINS.map((origin) => [origin, 0]));
  for (const [, origin, value] of metrics.matchAll(/^groovechaos_exchange_seconds_count\{origin="(\w+)"\} (\S+)$/gm)) {
    if (origin in counts) counts[origin] = Number(value);
  }
  return counts;
}

/** Rates keeps what happened in each second, the newest last. */
export class Rates {
  #last = null;
  points = [];

  constructor(length) {
    this.length = length;
  }

  /** add takes the counters at a time in milliseconds. A counter that fell belongs to a new process and begins anew. */
  add(counts, now) {
    const before = this.#last;
    this.#last = { counts, now };
    if (!before || now <= before.now || ORIGINS.some((o) => counts[o] < before.counts[o])) return;
    const passed = (now - before.now) / 1000;
    this.points.push(Object.fromEntries(ORIGINS.map((o) => [o, (counts[o] - before.counts[o]) / passed])));
    if (this.points.length > this.length) this.points.shift();
  }

  get now() {
    return this.points.at(-1) ?? Object.fromEntries(ORIGINS.map((o) => [o, 0]));
  }

  get peak() {
    return Math.max(0, ...this.points.map(sum));
  }
}

const sum = (point) => ORIGINS.reduce((total, origin) => total + point[origin], 0);

/** areas returns a path for each origin, stacked, in a picture of the given size whose right edge is now. */
export function areas(rates, width, height) {
  const peak = rates.peak || 1;
  const step = width / Math.max(1, rates.length - 1);
  const left = width - step * (rates.points.length - 1);
  const floor = rates.points.map(() => 0);
  return ORIGINS.map((origin) => {
    const bottom = floor.map((value, i) => `${(left + i * step).toFixed(1)},${y(value)}`);
    rates.points.forEach((point, i) => { floor[i] += point[origin]; });
    const top = floor.map((value, i) => `${(left + i * step).toFixed(1)},${y(value)}`);
    return { origin, path: top.length < 2 ? "" : `M${top.join("L")}L${bottom.reverse().join("L")}Z` };
  });

  function y(value) {
    return (height - (value / peak) * height).toFixed(1);
  }
}
