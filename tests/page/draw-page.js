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
  /** Made-up curves: falling, with noise, most of them stopped early. */
  madeUp(trials, points) {
    const lengths = Array.from({ length: trials }, (_, trial) => (trial % 4 === 3 ? points : Math.ceil(points * (0.2 + 0.1 * (trial % 4)))));
    const offsets = new Uint32Array(trials + 1);
    for (const [trial, length] of lengths.entries()) offsets[trial + 1] = offsets[trial] + length;
    const steps = new Float32Array(offsets[trials]);
    const values = new Float32Array(offsets[trials]);
    let seed = 1;
    const random = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    for (const [trial, length] of lengths.entries()) {
      const end = 0.1 + (trial % 4 === 3 ? 0.5 : 1) * random();
      const rate = 3 + 12 * random();
      for (let step = 0; step < length; step++) {
        steps[offsets[trial] + step] = step + 1;
        values[offsets[trial] + step] = end + 2 * Math.exp(-step / rate) + 0.03 * random();
      }
    }
    return {
      trials: Uint32Array.from({ length: trials }, (_, trial) => trial),
      offsets,
      states: Uint8Array.from({ length: trials }, (_, trial) => (trial % 4 === 3 ? 1 : 0)),
      steps,
      values,
    };
  },
  frame,
};
document.documentElement.dataset.ready = "true";
