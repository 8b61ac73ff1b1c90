import { CurvewiseError } from "../core/errors.js";
import type { Param, ParamValue, Space } from "../core/param.js";
import type { Axis, Figure } from "./figure.js";
import { checkKnownParams } from "./known-params.js";
import { valueScale } from "./param-scale.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";
import { plotText, shortNumber, shortValue, trialText } from "./trial-text.js";
import { goalOf, goodness, goodnessColours, valuedTrials } from "./trial-value.js";

/** Three params, in the order x, y, z. */
type Three = readonly [string, string, string];

function threeParams(space: Space, wanted: readonly string[] | undefined): Three | undefined {
  const names = wanted ?? Object.keys(space).filter((name) => space[name]?.kind !== "fixed");
  checkKnownParams(space, names);
  if (wanted !== undefined && wanted.length !== 3) {
    throw new CurvewiseError("PLOT_INVALID", `grid-3d needs three params, but got ${wanted.length}`, {
      hint: "Name three params, such as lr, batch, momentum.",
    });
  }
  const [x, y, z] = names;
  return x === undefined || y === undefined || z === undefined ? undefined : [x, y, z];
}

/** More labels would run into each other on an axis that is seen from an angle. */
const MOST_LABELS = 5;

const isNumeric = (param: Param): boolean => param.kind === "float" || param.kind === "int";

/** How many powers of ten values span. */
function decadesOf(values: readonly (number | string)[]): number {
  const numbers = values.filter((value) => typeof value === "number").map(Math.log10);
  const least = numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return numbers.reduce((a, b) => Math.max(a, b), least) - least;
}

/** @param values those that are drawn */
function axisOf(name: string, param: Param, values: readonly (number | string)[]): Axis {
  const title = { text: plotText(name) };
  if (param.kind === "float" || param.kind === "int") {
    if (!param.log) return { title, type: "linear" };
    return { title, type: "log", dtick: Math.max(1, Math.ceil(decadesOf(values) / MOST_LABELS)) };
  }
  const options: readonly ParamValue[] = param.kind === "fixed" ? [param.value] : param.options;
  return {
    title,
    type: "category",
    categoryorder: "array",
    categoryarray: options.map((option) => plotText(shortValue(option))),
  };
}

/**
 * The value of the goal metric over three params (the first three that vary, unless named), for grids and
 * any other sampler. Trials that lack one of the three, or have no finite value, are left out.
 *
 * @throws CurvewiseError `PLOT_INVALID` when the named params are not three of the space's
 */
function renderGrid3d(input: PlotInput): Figure {
  const { definition } = input.study;
  const { space } = definition;
  const metric = input.metric ?? definition.goal.metric;
  const goal = goalOf(input.study, metric);
  const names = threeParams(space, input.params);
  if (names === undefined) return { data: [], layout: {} };
  const shown = valuedTrials(input.study, metric).filter(({ trial }) =>
    names.every((name) => trial.params[name] !== undefined),
  );
  const [xParam, yParam, zParam] = names.map((name) => space[name]);
  if (shown.length === 0 || xParam === undefined || yParam === undefined || zParam === undefined) {
    return { data: [], layout: {} };
  }
  const column = (name: string, param: Param): (number | string)[] =>
    shown.map(({ trial }) => {
      const value = trial.params[name];
      if (isNumeric(param) && typeof value === "number") return value;
      return value === undefined ? "" : plotText(shortValue(value));
    });
  const scale = valueScale(shown.map(({ value }) => value));
  const { color, ...colours } = goodnessColours(
    shown.map(({ value }) => scale.place(value)),
    goal,
  );
  const [x, y, z] = names;
  const [xs, ys, zs] = [column(x, xParam), column(y, yParam), column(z, zParam)];
  return {
    data: [
      {
        type: "scatter3d",
        name: plotText(metric),
        mode: "markers",
        x: xs,
        y: ys,
        z: zs,
        text: shown.map(
          ({ trial, value }) => `${trialText(trial)}<br>${plotText(metric)}: <b>${shortNumber(value)}</b>`,
        ),
        customdata: shown.map(({ trial }) => trial.number),
        hovertemplate: "%{text}<extra></extra>",
        marker: {
          ...colours,
          color,
          size: 5,
          opacity: 0.85,
          showscale: true,
          colorbar: {
            title: { text: plotText(metric) },
            tickvals: scale.ticks.map((tick) => goodness(tick.place, goal)),
            ticktext: scale.ticks.map((tick) => tick.text),
            thickness: 12,
            outlinewidth: 0,
          },
        },
      },
    ],
    layout: {
      scene: {
        xaxis: axisOf(x, xParam, xs),
        yaxis: axisOf(y, yParam, ys),
        zaxis: axisOf(z, zParam, zs),
        aspectmode: "cube",
        camera: { eye: { x: 1.7, y: 1.7, z: 0.9 } },
      },
      margin: { l: 0, r: 0, t: 0, b: 0 },
    },
  };
}

export const grid3d: PlotDefinition = {
  name: "grid-3d",
  title: "Three params",
  summary: "The value over three params, in 3D.",
  takes: ["metric", "params"],
  needs: "three params with several values, and a trial that has them and a finite value",
  render: renderGrid3d,
};
