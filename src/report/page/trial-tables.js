/**
 * The tables of trials: sorted by a click on a heading, filtered by state and by words or conditions, a page
 * at a time, with each row's explanation below it. Everything is inserted as text, never as HTML.
 *
 * @import { CellValue, DecisionData, DetailData, FailureData, RowData, TableData } from "../page-data.js"
 */

const PAGE_ROWS = 50;
const PRINTED_ROWS = 500;

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** @param {CellValue | undefined} value */
function shown(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number")
    return value === "Infinity" ? "∞" : value === "-Infinity" ? "−∞" : String(value);
  return String(Number(value.toPrecision(6)));
}

/**
 * Numbers come first, then words, then what is missing or not a number.
 *
 * @param {CellValue | undefined} value
 * @param {string} kind
 */
function rank(value, kind) {
  if (typeof value === "number") return 0;
  if (value === null || value === undefined) return 3;
  return kind === "number" ? 2 : 1;
}

/**
 * @param {number} column
 * @param {string} kind
 * @param {"low" | "high"} first
 */
function comparison(column, kind, first) {
  const sign = first === "low" ? 1 : -1;
  /** @type {(a: RowData, b: RowData) => number} */
  return (a, b) => {
    const left = a.cells[column];
    const right = b.cells[column];
    const order = rank(left, kind) - rank(right, kind);
    if (order !== 0) return order;
    if (typeof left === "number" && typeof right === "number")
      return sign * (left - right) || a.number - b.number;
    return sign * String(left).localeCompare(String(right)) || a.number - b.number;
  };
}

/** @type {Record<string, (left: number, right: number) => boolean>} */
const RELATIONS = {
  "<": (left, right) => left < right,
  ">": (left, right) => left > right,
  "<=": (left, right) => left <= right,
  ">=": (left, right) => left >= right,
};

/**
 * A word of the search box: `lr<0.01`, `optimizer=adam`, or any text.
 *
 * @param {TableData} table
 * @param {string} word
 * @returns {(row: RowData) => boolean}
 */
function termTest(table, word) {
  const [, name, relation = "", wanted = ""] = /^(.+?)(<=|>=|!=|<|>|=)(.+)$/.exec(word) ?? [];
  const column = table.columns.findIndex(({ label }) => label.toLowerCase() === name);
  if (column >= 0) {
    const test = RELATIONS[relation];
    if (test !== undefined) {
      return ({ cells }) => {
        const value = cells[column];
        return typeof value === "number" && test(value, Number(wanted));
      };
    }
    /** @type {(row: RowData) => boolean} */
    const equals = ({ cells }) => {
      const value = cells[column];
      if (typeof value === "number") return value === Number(wanted);
      return value !== null && String(value).toLowerCase() === wanted;
    };
    return relation === "=" ? equals : (row) => !equals(row);
  }
  return (row) => {
    const { decision, failure } = row.details ?? {};
    const texts = [...row.cells.map(shown), decision?.reason, failure?.message, failure?.code];
    return texts.some((text) => text?.toLowerCase().includes(word));
  };
}

/** @param {readonly (readonly [string, string])[]} pairs */
function factList(pairs) {
  return make(
    "dl",
    { class: "facts" },
    ...pairs.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
  );
}

/**
 * A place for the figure of a decision, which is requested once the place is on the page and so has a width.
 *
 * @param {number} number the trial's
 * @param {DetailData} details
 * @param {TableData} table
 * @param {DecisionData} decision
 */
function curvePlace(number, { figure }, { pool, study }, { action, step }) {
  const label = `Curves at the decision about trial ${number}: ${action} at step ${step}`;
  const element = make("div", { class: "canvas small", role: "img", "aria-label": label });
  const detail = { element, figure, pool, fileName: `${study}-trial-${number}` };
  queueMicrotask(() => document.dispatchEvent(new CustomEvent("curvewise-figure", { detail })));
  return element;
}

/**
 * @param {DecisionData} decision
 * @param {number} number the trial's
 * @param {DetailData} details
 * @param {TableData} table
 */
function decisionBlock(decision, number, details, table) {
  const block = make(
    "div",
    { class: "decision" },
    make("p", { class: "reason" }, decision.reason),
    make("p", { class: "rule" }, `${decision.action} at step ${decision.step}, by ${decision.rule}`),
    factList(decision.values.map(([name, value]) => [name, shown(value)])),
  );
  if (details.figure !== null) block.append(curvePlace(number, details, table, decision));
  if (decision.steps.length > 0) {
    block.append(make("p", { class: "rule" }, `compared at steps ${decision.steps.join(", ")}`));
  }
  if (decision.neighbours.length > 0) {
    const rows = decision.neighbours.map((cells) =>
      make("tr", {}, ...cells.map((cell) => make("td", { class: "number" }, shown(cell)))),
    );
    const heads = ["like trial", "distance", "its end"].map((head) => make("th", { class: "number" }, head));
    block.append(
      make(
        "table",
        { class: "neighbours" },
        make("thead", {}, make("tr", {}, ...heads)),
        make("tbody", {}, ...rows),
      ),
    );
    const more = decision.neighbourCount - decision.neighbours.length;
    if (more > 0) block.append(make("p", { class: "rule" }, `and ${more} more`));
  }
  return block;
}

/** @param {FailureData} failure */
function failureBlock(failure) {
  const block = make(
    "div",
    { class: "failure" },
    make("p", { class: "reason" }, failure.message),
    make("p", { class: "rule" }, failure.hint === null ? failure.code : `${failure.code}. ${failure.hint}`),
  );
  if (failure.output.length > 0) block.append(make("pre", { tabindex: "0" }, failure.output.join("\n")));
  return block;
}

/**
 * @param {RowData} row
 * @param {TableData} table
 * @param {string} id
 */
function detailRow(row, table, id) {
  const cell = make("td", { colspan: String(table.columns.length) });
  const inner = make("div", { class: "detail" });
  const { number, details } = row;
  if (details === null) {
    const command = make("code", {}, `curvewise explain ${table.study} ${number}`);
    inner.append(
      make("p", {}, "This page leaves out the details of some of its many trials. See: ", command),
    );
  } else {
    if (details.decision !== null) inner.append(decisionBlock(details.decision, number, details, table));
    if (details.failure !== null) inner.append(failureBlock(details.failure));
    inner.append(factList(details.facts));
  }
  cell.append(inner);
  return make("tr", { class: "detail-row", id }, cell);
}

/**
 * @param {HTMLElement} root
 * @param {TableData} table
 * @param {string} key
 */
function mount(root, table, key) {
  let sorted = 0;
  /** @type {"low" | "high"} */
  let first = "low";
  let page = 0;
  let pageRows = PAGE_ROWS;
  /** @type {Set<number>} */
  const open = new Set();
  /** @type {Set<string>} */
  const hidden = new Set();

  const search = make("input", {
    type: "search",
    placeholder: "Search, or a condition: steps>=10",
    "aria-label": "Filter the trials by words and conditions",
  });
  const fates = make("div", { class: "fates", role: "group", "aria-label": "Show trials by state" });
  const count = make("p", { class: "count", role: "status" });
  const back = make("button", { type: "button" }, "Previous");
  const forth = make("button", { type: "button" }, "Next");
  const head = make("tr", {});
  const body = make("tbody", {});

  const matching = () => {
    const text = search instanceof HTMLInputElement ? search.value.toLowerCase() : "";
    const tests = text
      .split(/\s+/)
      .filter(Boolean)
      .map((word) => termTest(table, word));
    return table.rows
      .filter((row) => !hidden.has(row.state) && tests.every((test) => test(row)))
      .sort(comparison(sorted, table.columns[sorted]?.kind ?? "text", first));
  };

  /** @param {RowData} row */
  const rowElement = (row) => {
    const id = `${key}-${row.number}`;
    const button = make(
      "button",
      {
        type: "button",
        class: "expand",
        "aria-expanded": String(open.has(row.number)),
        "aria-controls": id,
        "aria-label": `Details of trial ${row.number}`,
      },
      String(row.number),
    );
    const element = make("tr", { "data-trial": String(row.number) });
    for (const [index, column] of table.columns.entries()) {
      const value = row.cells[index];
      const attributes = { class: column.kind === "number" ? "number" : "word" };
      if (index === 0) element.append(make("th", { scope: "row" }, button));
      else if (column.kind === "state") {
        element.append(make("td", {}, make("span", { class: `fate ${row.state}` }, String(value))));
      } else element.append(make("td", { ...attributes, title: String(value ?? "absent") }, shown(value)));
    }
    button.addEventListener("click", () => {
      const opened = !open.has(row.number);
      if (opened) {
        open.add(row.number);
        element.after(detailRow(row, table, id));
      } else {
        open.delete(row.number);
        document.getElementById(id)?.remove();
      }
      button.setAttribute("aria-expanded", String(opened));
    });
    return open.has(row.number) ? [element, detailRow(row, table, id)] : [element];
  };

  const show = () => {
    const rows = matching();
    const pages = Math.max(1, Math.ceil(rows.length / pageRows));
    page = Math.min(page, pages - 1);
    const from = page * pageRows;
    const visible = rows.slice(from, from + pageRows);
    body.replaceChildren(...visible.flatMap(rowElement));
    if (rows.length === 0) {
      const text = table.rows.length === 0 ? "No trials yet." : "No trial matches.";
      body.append(make("tr", {}, make("td", { colspan: String(table.columns.length), class: "none" }, text)));
    }
    const range = rows.length === 0 ? "0" : `${from + 1}–${from + visible.length}`;
    const all = rows.length === table.rows.length ? "" : `, ${table.rows.length} in all`;
    count.textContent = `${range} of ${rows.length}${all}`;
    back.toggleAttribute("disabled", page === 0);
    forth.toggleAttribute("disabled", page >= pages - 1);
    for (const [index, cell] of [...head.children].entries()) {
      const order = first === "low" ? "ascending" : "descending";
      if (index === sorted) cell.setAttribute("aria-sort", order);
      else cell.removeAttribute("aria-sort");
    }
  };

  for (const [index, column] of table.columns.entries()) {
    const button = make("button", { type: "button" }, column.label);
    button.addEventListener("click", () => {
      if (sorted === index) first = first === "low" ? "high" : "low";
      else first = column.first;
      sorted = index;
      page = 0;
      show();
    });
    head.append(make("th", { scope: "col", class: column.kind === "number" ? "number" : "word" }, button));
  }

  for (const state of new Set(table.rows.map((row) => row.state))) {
    const number = table.rows.filter((row) => row.state === state).length;
    const box = make("input", { type: "checkbox", checked: "", value: state });
    box.addEventListener("change", () => {
      if (box instanceof HTMLInputElement && !box.checked) hidden.add(state);
      else hidden.delete(state);
      page = 0;
      show();
    });
    fates.append(make("label", {}, box, make("span", { class: `fate ${state}` }, `${state} ${number}`)));
  }

  search.addEventListener("input", () => {
    page = 0;
    show();
  });
  for (const [button, by] of /** @type {const} */ ([
    [back, -1],
    [forth, 1],
  ])) {
    button.addEventListener("click", () => {
      page += by;
      show();
    });
  }
  for (const [type, rows] of /** @type {const} */ ([
    ["beforeprint", PRINTED_ROWS],
    ["afterprint", PAGE_ROWS],
  ])) {
    addEventListener(type, () => {
      pageRows = rows;
      page = 0;
      show();
    });
  }

  root.replaceChildren(
    make("div", { class: "controls" }, search, fates),
    make(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": `Trials of ${table.study}` },
      make("table", { class: "trials" }, make("thead", {}, head), body),
    ),
    make("div", { class: "pages" }, count, back, forth),
  );
  show();
}

/** @type {TableData[]} */
const tables = JSON.parse(document.getElementById("tables")?.textContent ?? "[]");
for (const [index, table] of tables.entries()) {
  const root = document.getElementById(`table-${index}`);
  if (root !== null) mount(root, table, `details-${index}`);
}
