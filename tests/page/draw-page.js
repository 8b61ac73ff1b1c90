// The page of draw.page.ts: draws the figures that it is given, and tells what came of it.
// oxlint-disable-next-line import/no-absolute-path -- the page is served from its root
import { asTable, drawCurves, drawFigure } from "/draw.js";

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
    this.drawings[name] = drawFigure(place(name, "normal"), figure, {
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
    this.drawings[name] = drawCurves(place(name, "large"), columns, {
      label: `The curves ${name}.`,
      onPick: (point) => this.picked.push(point),
      onBrush: (trials) => {
        this.brushed = trials;
      },
      ...options,
    });
    return frame();
  },
  asTable,
  /** Made-up curves: falling, with noise, most of them stopped early. */
  madeUp(trials, points) {
    const lengths = Array.from({ length: trials }, (_, trial) =>
      trial % 4 === 3 ? points : Math.ceil(points * (0.2 + 0.1 * (trial % 4))),
    );
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
  /** How many pixels of a drawing's canvases something was drawn to. */
  async painted(name) {
    // What WebGL draws can be read until the picture is shown.
    this.drawings[name].theme();
    await new Promise((resolve) => requestAnimationFrame(resolve));
    let count = 0;
    for (const canvas of sectionOf(name).querySelectorAll("canvas")) {
      if (canvas.hidden) continue;
      const copy = document.createElement("canvas");
      copy.width = canvas.width;
      copy.height = canvas.height;
      const context = copy.getContext("2d", { willReadFrequently: true });
      context.drawImage(canvas, 0, 0);
      const { data } = context.getImageData(0, 0, copy.width, copy.height);
      for (let at = 3; at < data.length; at += 4) if (data[at] > 0) count += 1;
    }
    return count;
  },
  /** How many pixels of a drawing have a colour, and how many the rectangle around them has. */
  filled(name, colour) {
    let count = 0;
    let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
    const [canvas] = sectionOf(name).querySelectorAll("canvas");
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) {
      if (!colour.every((part, index) => data[at + index] === part)) continue;
      const [x, y] = [(at / 4) % canvas.width, Math.floor(at / 4 / canvas.width)];
      count += 1;
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
    }
    return { count, around: (right - left + 1) * (bottom - top + 1) };
  },
  /** The texts of a drawing that touch each other. */
  overlaps(name) {
    const texts = [...sectionOf(name).querySelectorAll("svg.draw-layer text")].map((text) => ({
      text: text.textContent,
      box: text.getBoundingClientRect(),
    }));
    const touches = (a, b) =>
      a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3;
    return texts.flatMap((a, index) =>
      texts.slice(index + 1).flatMap((b) => (touches(a.box, b.box) ? [`${a.text} | ${b.text}`] : [])),
    );
  },
  /** The texts of a drawing that its plot cuts off. */
  cutOff(name) {
    const plot = sectionOf(name).querySelector(".draw-plot").getBoundingClientRect();
    const texts = [...sectionOf(name).querySelectorAll("svg.draw-layer text")];
    return texts.flatMap((text) => {
      const { left, right, top, bottom } = text.getBoundingClientRect();
      const isInside =
        left > plot.left - 1 && right < plot.right + 1 && top > plot.top - 4 && bottom < plot.bottom + 4;
      return isInside ? [] : [text.textContent];
    });
  },
  /** What an exported picture has, read as XML. */
  exported(name) {
    const read = new DOMParser().parseFromString(this.drawings[name].toSvg(), "image/svg+xml");
    const shapes = [...read.querySelectorAll("path, rect")];
    const isWhole = shapes.every((shape) => !/NaN|Infinity|undefined/.test(shape.outerHTML));
    return {
      root: read.documentElement.nodeName,
      isWhole,
      shapes: shapes.length,
      texts: [...read.querySelectorAll("text")].map((text) => text.textContent),
      images: read.querySelectorAll("image, img, script").length,
    };
  },
  async png(name) {
    const blob = await this.drawings[name].toPng();
    const picture = await createImageBitmap(blob);
    return { type: blob.type, width: picture.width, height: picture.height };
  },
  loseContext(name) {
    const canvas = [...sectionOf(name).querySelectorAll("canvas")].find((each) => each.getContext("webgl2"));
    globalThis.lost = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
    globalThis.lost.loseContext();
  },
  restoreContext() {
    globalThis.lost.restoreContext();
  },
};

function sectionOf(name) {
  return [...document.querySelectorAll("section")].find(
    (section) => section.querySelector("h2").textContent === name,
  );
}
document.documentElement.dataset.ready = "true";
