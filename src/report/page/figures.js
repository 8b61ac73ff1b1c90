/**
 * Draws the page's figures with Plotly, in the colours of the page, in light and dark, and for the chosen metric.
 *
 * @import { FigureSlot, Packed } from "../page-data.js"
 */

/**
 * The part of Plotly that is used.
 *
 * @typedef {{
 *   react(element: HTMLElement, data: unknown, layout: unknown, config: unknown): Promise<unknown>,
 *   purge(element: HTMLElement): void,
 * }} Plotly
 */

/** @type {Plotly} */
const plotly = Reflect.get(globalThis, "Plotly");
const dark = matchMedia("(prefers-color-scheme: dark)");
let printing = false;

/** @param {string} name */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** @type {() => boolean} */
function hasWebGl() {
  const canvas = document.createElement("canvas");
  return canvas.getContext("webgl2") !== null || canvas.getContext("webgl") !== null;
}
const webGl = hasWebGl();

/**
 * @param {string} base64
 * @param {"f4" | "f8"} kind
 */
function unpackNumbers(base64, kind) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const size = kind === "f4" ? 4 : 8;
  return Array.from({ length: bytes.length / size }, (_, index) => {
    const value = kind === "f4" ? view.getFloat32(index * size, true) : view.getFloat64(index * size, true);
    return Number.isNaN(value) ? null : value;
  });
}

/**
 * @param {Packed} value
 * @param {readonly Packed[]} pool the parts that it refers to
 * @returns {unknown}
 */
function unpack(value, pool) {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => unpack(inner, pool));
  if ("shared" in value) return unpack(pool[Number(value["shared"])] ?? null, pool);
  if (value["packed"] === "f4" || value["packed"] === "f8") {
    return typeof value["data"] === "string" ? unpackNumbers(value["data"], value["packed"]) : [];
  }
  if (value["packed"] === "runs" && Array.isArray(value["runs"])) {
    return value["runs"].flatMap((run) => (Array.isArray(run) ? Array(Number(run[1])).fill(run[0]) : []));
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unpack(inner, pool)]));
}

/**
 * @param {unknown} value
 * @returns {Record<string, unknown>}
 */
function record(value) {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/**
 * @param {unknown} axis
 * @param {"SI" | "power"} exponents
 */
function themedAxis(axis, exponents) {
  const line = colour("--line");
  return {
    ...record(axis),
    gridcolor: line,
    zerolinecolor: line,
    linecolor: line,
    automargin: true,
    exponentformat: exponents,
  };
}

/**
 * @param {Record<string, unknown>} layout
 * @param {boolean} narrow
 */
function themed(layout, narrow) {
  const yaxis = record(layout["yaxis"]);
  const ink = colour("--ink-soft");
  const scene = record(layout["scene"]);
  const space = Object.fromEntries(
    Object.entries(scene).map(([name, axis]) => [name, themedAxis(axis, "power")]),
  );
  return {
    margin: { l: 60, r: 16, t: 12, b: 50 },
    ...layout,
    ...(layout["xaxis"] === undefined ? {} : { xaxis: themedAxis(layout["xaxis"], "SI") }),
    ...(layout["yaxis"] === undefined
      ? {}
      : { yaxis: themedAxis({ ...yaxis, title: { standoff: 14, ...record(yaxis["title"]) } }, "power") }),
    ...(layout["scene"] === undefined ? {} : { scene: space }),
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size: narrow ? 11 : 12.5, color: ink },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
    hoverlabel: {
      bgcolor: colour("--card"),
      bordercolor: colour("--line-strong"),
      font: { color: colour("--ink"), family: "system-ui, sans-serif", size: 12.5 },
      align: "left",
    },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("--ink-faint"), activecolor: colour("--ink") },
  };
}

/**
 * @param {unknown} trace
 * @returns {unknown}
 */
function drawable(trace) {
  const fields = record(trace);
  if (fields["type"] === "scattergl" && !webGl) return { ...fields, type: "scatter" };
  if (fields["type"] === "parcoords") {
    const labels = { labelfont: { size: 13, color: colour("--ink") }, labelangle: 0 };
    const unselected = { line: { color: colour("--ink-faint"), opacity: 0.08 } };
    return { ...fields, ...labels, unselected, rangefont: { color: "rgba(0,0,0,0)", size: 1 } };
  }
  return fields;
}

/** @param {unknown[]} data */
const needsWebGl = (data) =>
  data.some((trace) => /^(parcoords|scatter3d)$/.test(String(record(trace)["type"])));

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function sayInstead(element, text) {
  plotly.purge(element);
  element.replaceChildren();
  element.classList.add("empty");
  element.textContent = text;
}

/**
 * @param {HTMLElement} element
 * @param {Record<string, unknown>} figure
 * @param {string} fileName
 */
async function drawFigure(element, figure, fileName) {
  const data = Array.isArray(figure["data"]) ? figure["data"] : [];
  if (data.length === 0)
    return sayInstead(element, "Nothing to show yet: no trial has reported a finite value.");
  if (needsWebGl(data) && !webGl)
    return sayInstead(element, "This plot needs WebGL, which this browser does not support.");
  element.classList.remove("empty");
  if (!element.classList.contains("js-plotly-plot")) element.replaceChildren();
  await plotly.react(
    element,
    data.map(drawable),
    themed(record(figure["layout"]), element.clientWidth < 560),
    {
      responsive: true,
      displaylogo: false,
      modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"],
      toImageButtonOptions: { filename: fileName, format: "svg" },
    },
  );
  element.dataset["drawn"] = "true";
}

/** @param {FigureSlot} slot */
async function draw(slot) {
  const element = document.getElementById(slot.id);
  const packed = slot.figures[Number(element?.dataset["metric"] ?? 0)] ?? slot.figures[0];
  if (element === null || packed === undefined) return;
  await drawFigure(element, record(unpack(packed, [])), slot.fileName);
}

/**
 * Figures that the tables requested, while they are on the page.
 *
 * @type {Map<HTMLElement, () => Promise<void>>}
 */
const asked = new Map();

function forgetRemoved() {
  for (const element of asked.keys()) {
    if (element.isConnected) continue;
    plotly.purge(element);
    asked.delete(element);
  }
}

document.addEventListener("curvewise-figure", (event) => {
  forgetRemoved();
  if (!(event instanceof CustomEvent)) return;
  const { element, figure, pool, fileName } = event.detail;
  if (!(element instanceof HTMLElement)) return;
  const redraw = () => drawFigure(element, record(unpack(figure, pool)), fileName);
  asked.set(element, redraw);
  void redraw();
});

/** @type {FigureSlot[]} */
const slots = JSON.parse(document.getElementById("figures")?.textContent ?? "[]");

/** @param {FigureSlot} slot */
function isVisible(slot) {
  const element = document.getElementById(slot.id);
  return element !== null && element.closest("details.study:not([open])") === null;
}

/** Draws what is on the page, and lets the browser handle events between figures. */
async function drawVisible() {
  // Whoever has opened a trial looks at its figure.
  forgetRemoved();
  for (const redraw of asked.values()) await redraw();
  for (const slot of slots) {
    if (!isVisible(slot)) continue;
    await draw(slot);
    if (!printing) await new Promise((resolve) => setTimeout(resolve));
  }
}

for (const select of document.querySelectorAll("select[data-figures]")) {
  if (!(select instanceof HTMLSelectElement)) continue;
  select.addEventListener("change", () => {
    const ids = (select.dataset["figures"] ?? "").split(" ");
    for (const slot of slots.filter(({ id }) => ids.includes(id))) {
      document.getElementById(slot.id)?.setAttribute("data-metric", select.value);
      if (isVisible(slot)) void draw(slot);
    }
  });
}

for (const details of document.querySelectorAll("details.study")) {
  details.addEventListener("toggle", () => {
    for (const slot of slots) {
      const element = document.getElementById(slot.id);
      if (element === null || !details.contains(element)) continue;
      if (details.hasAttribute("open")) void draw(slot);
      else plotly.purge(element);
    }
  });
}

dark.addEventListener("change", () => void drawVisible());
for (const type of ["beforeprint", "afterprint"]) {
  addEventListener(type, () => {
    printing = type === "beforeprint";
    document.documentElement.classList.toggle("printing", printing);
    void drawVisible();
  });
}

await drawVisible();
document.documentElement.dataset["drawn"] = "true";
