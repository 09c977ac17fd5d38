// What a suite does for a chaos stage: it tells groovechaos what its users were told, so that
// errors that are hidden, leaked or overlooked are found too. Elsewhere it does nothing.
import { randomBytes } from 'node:crypto';

/** A trace for one request, as W3C Trace Context has it: the service passes it on to Groove. */
export function newTrace() {
  const id = randomBytes(16).toString('hex');
  return { id, field: `00-${id}-${randomBytes(8).toString('hex')}-01` };
}

/** Tells what became of the request with a trace. */
export async function tell(trace, status, page, milliseconds) {
  const door = process.env.GROOVECHAOS_REST;
  if (!door) return;
  const outcome = { trace, status, kind: kindOf(page), code: page.error?.code, text: JSON.stringify(page), took: `${(milliseconds / 1000).toFixed(3)}s` };
  const response = await fetch(`${door}/v1/outcomes`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(outcome) });
  if (!response.ok) throw new Error(`groovechaos: ${await response.text()}`);
}

function kindOf(page) {
  if (page.error) return 'error';
  if (page.partial) return 'partial';
  return page.items.length === 0 ? 'empty' : 'success';
}
