// Points in space as an SVG file, seen as the page shows them first; the projection is the page's own.
import { colourAt } from "../dist/page/draw/colours.js";
import { projected, spaceAxes } from "../dist/page/draw/space.js";

const WIDTH = 720;
const HEIGHT = 470;
const CAMERA = { yaw: 0.65, pitch: 0.42 };
/** Half a side of the box, in pixels. */
const HALF = 127;
const LINE = "#c9ced4";
const SOFT = "#4b535d";
const INK = "#23282f";

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const short = (value) => String(Number(value.toFixed(1)));

function pixelOf(place) {
  const [x, y, near] = projected(place, CAMERA);
  return [(WIDTH - 90) / 2 + x * HALF, HEIGHT * 0.46 - y * HALF, near];
}

const pathOf = (places) =>
  `M${places.map((place) => pixelOf(place).slice(0, 2).map(short).join(" ")).join("L")}`;
const line = (places, colour) => `<path d="${pathOf(places)}" fill="none" stroke="${colour}"/>`;
const text = ([x, y], content, attributes) =>
  `<text x="${short(x)}" y="${short(y)}" ${attributes}>${escaped(content)}</text>`;

/** The walls behind the points, with the grid and the labels. */
function box([xs, ys, zs]) {
  const [backX, backY] = [
    projected([1, 0, 0], CAMERA)[2] > 0 ? -1 : 1,
    projected([0, 1, 0], CAMERA)[2] > 0 ? -1 : 1,
  ];
  const grid = [
    ...xs.ticks.map(({ at }) => [
      [at, -backY, -1],
      [at, backY, -1],
      [at, backY, 1],
    ]),
    ...ys.ticks.map(({ at }) => [
      [-backX, at, -1],
      [backX, at, -1],
      [backX, at, 1],
    ]),
    ...zs.ticks.map(({ at }) => [
      [-backX, backY, at],
      [backX, backY, at],
      [backX, -backY, at],
    ]),
  ];
  const labelled = ({ ticks, title }, placeAt) => {
    const [cx] = pixelOf(placeAt(0, 1));
    const [ox] = pixelOf(placeAt(0, 1.2));
    const anchor = Math.abs(ox - cx) < 4 ? "middle" : ox > cx ? "start" : "end";
    const names = ticks.map(({ at, text: name }) => {
      const [x, y] = pixelOf(placeAt(at, 1.09));
      return text([x, y + 4], name, `text-anchor="${anchor}" fill="${SOFT}"`);
    });
    const [x, y] = pixelOf(placeAt(0, 1.42));
    return [...names, text([x, y + 8], title, `text-anchor="${anchor}" font-size="12" fill="${INK}"`)];
  };
  return [
    ...grid.map((places) => line(places, LINE)),
    ...labelled(xs, (at, out) => [at, -backY * out, -1]),
    ...labelled(ys, (at, out) => [-backX * out, at, -1]),
    ...labelled(zs, (at, out) => [-backX * out, backY * (2 - out), at]),
  ];
}

function colourBar({ colorscale, cmin, cmax, colorbar }) {
  const [left, top, height] = [WIDTH - 78, 60, HEIGHT - 150];
  const stops = colorscale
    .map(([at, colour]) => `<stop offset="${at}" stop-color="${colour}"/>`)
    .toReversed()
    .map((stop) => stop.replace(/offset="([^"]*)"/, (_, at) => `offset="${1 - Number(at)}"`));
  const ticks = colorbar.tickvals.map((value, index) => {
    const y = top + height * (1 - (value - cmin) / (cmax - cmin || 1));
    return text([left + 18, y + 4], colorbar.ticktext[index], `fill="${SOFT}"`);
  });
  return [
    `<defs><linearGradient id="scale" x1="0" y1="0" x2="0" y2="1">${stops.join("")}</linearGradient></defs>`,
    `<rect x="${left}" y="${top}" width="12" height="${height}" fill="url(#scale)"/>`,
    text([left, top - 12], colorbar.title.text, `font-size="12" fill="${INK}"`),
    ...ticks,
  ];
}

/** A figure with one trace of points in space, as the text of an SVG file. */
export function renderSpaceSvg({ data: [trace], layout: { scene } }) {
  const axes = spaceAxes(trace, [scene.xaxis, scene.yaxis, scene.zaxis]);
  const { color, colorscale, cmin, cmax, size, opacity } = trace.marker;
  const points = trace.x
    .map((_, point) => [...pixelOf(axes.map(({ places }) => places[point])), point])
    .sort((a, b) => a[2] - b[2])
    .map(([x, y, near, point]) => {
      const fill = colourAt(colorscale, (color[point] - cmin) / (cmax - cmin || 1));
      const radius = (size / 2) * (1.15 + 0.18 * near);
      return `<circle cx="${short(x)}" cy="${short(y)}" r="${radius.toFixed(2)}" fill="${fill}" fill-opacity="${opacity}" stroke="white" stroke-width="0.7"/>`;
    });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">
<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>
${[...box(axes), ...points, ...colourBar(trace.marker)].join("\n")}
</svg>
`;
}
