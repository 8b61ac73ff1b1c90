// The page's own script: draws the figures, and hands out figures and tables as files.
import { drawFigure } from "../dist/page/draw.js";

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const figures = read("figures");
const tables = read("tables");
const drawings = new Map();

function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

for (const { name, title, figure } of figures) {
  const element = document.getElementById(`figure-${name}`);
  drawings.set(name, drawFigure(element, figure, { label: title }));
}
for (const button of document.querySelectorAll("button[data-svg]")) {
  const name = button.dataset.svg;
  button.addEventListener("click", () => save(`${name}.svg`, "image/svg+xml", drawings.get(name).toSvg()));
}
for (const button of document.querySelectorAll("button[data-csv]")) {
  const name = button.dataset.csv;
  button.addEventListener("click", () => save(`${name.replace("/", "-")}.csv`, "text/csv", tables[name]));
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const drawing of drawings.values()) drawing.theme();
});
document.documentElement.dataset.ready = "true";
