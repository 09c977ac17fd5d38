import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const script = readFileSync(new URL("../page/rows.js", import.meta.url)).toString("base64");
const rows = await import(`data:text/javascript;base64,${script}`);

// As much of a document as a table needs.
class Node {
  dataset = {};
  children = [];
  textContent = "";
  className = "";
  title = "";
  append(...children) { this.children.push(...children); }
  insertBefore(node, next) { this.children.splice(next ? this.children.indexOf(next) : this.children.length, 0, node); }
}
globalThis.document = { createElement: () => new Node() };

function body(...heads) {
  const made = new Node();
  made.parentElement = { tHead: heads.length ? { rows: [{ cells: heads.map((textContent) => ({ textContent })) }] } : null };
  return made;
}

const columns = [(f) => f.name, (f) => f.fired];

test("a cell knows what heads its column, as a card has no head", () => {
  const faults = body("Name", "Fired");
  rows.table(faults, { key: (f) => f.name, columns })([{ name: "down", fired: 3 }]);
  assert.deepEqual(faults.children[0].children.map((cell) => [cell.dataset.label, cell.textContent]), [["Name", "down"], ["Fired", "3"]]);
});

test("a table without a head has none to know", () => {
  const runs = body();
  rows.table(runs, { key: (f) => f.name, columns })([{ name: "down", fired: 3 }]);
  assert.deepEqual(runs.children[0].children[0].dataset, {});
});
