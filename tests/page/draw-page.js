// The page of draw.page.ts: draws the figures that it is given, and tells what came of it.
import * as draw from "/draw.js";

const holder = document.querySelector("main");

function place(title, height) {
  const card = document.createElement("section");
  const heading = document.createElement("h2");
  const element = document.createElement("div");
  heading.textContent = title;
  element.className = `plot-${height}`;
  card.append(heading, element);
  holder.append(card);
  return element;
}

const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

globalThis.harness = {
  drawings: {},
  picked: [],
  brushed: undefined,
  figure(name, figure, options = {}) {
    this.drawings[name] = draw.drawFigure(place(name, "normal"), figure, {
      label: `The plot ${name}.`,
      onPick: (point) => this.picked.push(point),
      onBrush: (lines) => {
        this.brushed = lines;
      },
      ...options,
    });
    return frame();
  },
  curves(name, columns, options) {
    this.drawings[name] = draw.drawCurves(place(name, "large"), columns, {
      label: `The curves ${name}.`,
      onPick: (point) => this.picked.push(point),
      onBrush: (trials) => {
        this.brushed = trials;
      },
      ...options,
    });
    return frame();
  },
  asTable: draw.asTable,
  frame,
};
document.documentElement.dataset.ready = "true";
