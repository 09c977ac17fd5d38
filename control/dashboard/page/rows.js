// Tables that change while somebody reads them and points at their buttons.

/** element makes one with properties and children; texts are put in as texts, never as markup. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** set changes a text only if it is another one, so that a selection in it stays. */
export function set(node, text) {
  const wanted = String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

/**
 * table fills the body of a table and keeps the rows of things that stay. A column is a function from an item to its
 * text, or to {text, className, title}; controls, if given, makes what stands in the last cell, once for each row.
 */
export function table(body, { key, columns, controls }) {
  const rows = new Map();
  return (items) => {
    const keys = new Set(items.map(key));
    for (const [name, row] of rows) {
      if (!keys.has(name)) {
        row.node.remove();
        rows.delete(name);
      }
    }
    items.forEach((item, place) => {
      const row = rows.get(key(item)) ?? make(key(item));
      row.item = item;
      columns.forEach((column, i) => fill(row.cells[i], column(item)));
      row.refresh?.(item);
      if (body.children[place] !== row.node) body.insertBefore(row.node, body.children[place] ?? null);
    });
  };

  function make(name) {
    const cells = columns.map((_, i) => labelled(element("td"), body.parentElement?.tHead?.rows[0]?.cells[i]));
    const row = { cells, node: element("tr", {}, ...cells) };
    if (controls) {
      const cell = element("td", { className: "switch" });
      row.node.append(cell);
      row.refresh = controls(cell, () => row.item);
    }
    rows.set(name, row);
    return row;
  }
}

/** labelled notes in a cell what heads its column: where a row is a card, nothing stands above it. */
function labelled(cell, head) {
  if (head) cell.dataset.label = head.textContent;
  return cell;
}

function fill(cell, content) {
  const { text, className = "", title = "" } = typeof content === "object" ? content : { text: content };
  set(cell, text);
  if (cell.className !== className) cell.className = className;
  if (cell.title !== title) cell.title = title;
}
