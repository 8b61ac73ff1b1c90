// The kinds of figures in experiments, in the format of plots, for the page; svg.mjs draws them too.
import { meanInterval } from "../dist/analysis/index.js";

/**
 * One colour per rule, the same in all figures: grey for constant rates, orange for decaying ones, as on the poster.
 */
export const COLOURS = {
  still: "#7a828c",
  bestStill: "#23282f",
  decaying: "#e8730c",
  pbt: "#1f6fe5",
  lcm: "#2a9d6f",
  random: "#a15bc0",
};

function withOpacity(colour, opacity) {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return `rgba(${red},${green},${blue},${opacity})`;
}

/** A line through points; lines with the same name share a legend entry. */
export function line(name, colour, x, y, style = {}) {
  const { width = 2, dash = "solid", shape = "linear", opacity = 1, legend = true } = style;
  return {
    type: "scatter",
    mode: "lines",
    name,
    x,
    y,
    line: { color: colour, width, dash, shape },
    opacity,
    legendgroup: name,
    showlegend: legend,
    hovertemplate: "%{x:.6~g}, %{y:.4~g}",
  };
}

/** Points without a line. */
export function points(name, colour, x, y, style = {}) {
  const { size = 7, opacity = 1, symbol = "circle", legend = false } = style;
  return {
    type: "scatter",
    mode: "markers",
    name,
    x,
    y,
    marker: { color: colour, size, opacity, symbol },
    legendgroup: name,
    showlegend: legend,
    hovertemplate: "%{x:.6~g}, %{y:.4~g}",
  };
}

/** The mean of several values at each x, with the 95 % confidence interval of the mean as a band. */
export function meanBand(name, colour, x, samples, style = {}) {
  const intervals = samples.map((values) => meanInterval(values));
  const band = {
    type: "scatter",
    mode: "lines",
    name,
    x: [...x, ...x.toReversed()],
    y: [...intervals.map(({ low }) => low), ...intervals.map(({ high }) => high).toReversed()],
    fill: "toself",
    fillcolor: withOpacity(colour, 0.16),
    line: { color: colour, width: 0 },
    legendgroup: name,
    showlegend: false,
    hoverinfo: "skip",
  };
  const mean = intervals.map((interval) => interval.mean);
  return [band, line(name, colour, x, mean, style)];
}

/** Ticks for a log axis: 1, 2 and 5 times the powers of ten; the page's own ticks are fewer. */
const LOG_TICKS = Array.from({ length: 10 }, (_, index) => index - 6).flatMap((power) =>
  [1, 2, 5].map((factor) => Number(`${factor}e${power}`)),
);

function axisOf({ title, type = "linear", range, ticks }) {
  const named =
    ticks ?? (type === "log" ? LOG_TICKS.map((value) => ({ value, text: String(value) })) : undefined);
  return {
    title: { text: title },
    type,
    ...(range && { range }),
    ...(named && { tickvals: named.map(({ value }) => value), ticktext: named.map(({ text }) => text) }),
  };
}

/** A layout with these axes: each has a title and optionally `type: "log"`, a range, and ticks as values with texts. */
export const layout = (x, y, { legend = true } = {}) => ({
  xaxis: axisOf(x),
  yaxis: axisOf(y),
  hovermode: "closest",
  showlegend: legend,
});

/** Final values of rules below each other: one dot per seed, the mean as a bar, its 95 % interval as a line. */
export function finalsFigure(rules, title) {
  const offset = (index, count) => (count < 2 ? 0 : (index / (count - 1) - 0.5) * 0.36);
  const placeOf = (rule) => rules.length - rule;
  const data = rules.flatMap(({ name, colour, values }, rule) => {
    const { mean, low, high } = meanInterval(values);
    const y = placeOf(rule);
    return [
      points(
        name,
        colour,
        values,
        values.map((_, index) => y + offset(index, values.length)),
        { size: 5, opacity: 0.55 },
      ),
      line(name, colour, [low, high], [y, y], { width: 2, legend: false }),
      line(name, colour, [mean, mean], [y - 0.3, y + 0.3], { width: 3 }),
    ];
  });
  return {
    data,
    layout: layout(
      { title },
      {
        title: "",
        range: [0.4, rules.length + 0.6],
        ticks: rules.map(({ name }, rule) => ({ value: placeOf(rule), text: name })).toReversed(),
      },
      { legend: false },
    ),
  };
}
