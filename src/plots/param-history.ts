import { countCopies, evolvingParams, type Stage } from "../core/lineage.js";
import type { Param, ParamValue } from "../core/param.js";
import type { Study } from "../core/study.js";
import type { Axis, Figure } from "./figure.js";
import { logAxis } from "./metric-axis.js";
import { paramScale } from "./param-scale.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";
import { populationOf, populationTraces } from "./population-parts.js";
import { plotText } from "./trial-text.js";

const isNumeric = (param: Param | undefined): boolean => param?.kind === "float" || param?.kind === "int";

/** The param shown by default: the first number that changed, else any param that did. */
function chosenParam(study: Study): string | undefined {
  const { space } = study.definition;
  const evolving = evolvingParams(study);
  return evolving.find((name) => isNumeric(space[name])) ?? evolving[0];
}

/** A param's axis, and the position of values on it. */
function axisOf(name: string, param: Param): { readonly axis: Axis; place: (value: ParamValue) => number } {
  const title = { text: plotText(name) };
  if (param.kind === "float" || param.kind === "int") {
    return {
      axis: {
        title,
        ...(param.log ? logAxis(Math.log10(param.high) - Math.log10(param.low)) : { type: "linear" }),
      },
      place: (value) => (typeof value === "number" ? value : Number.NaN),
    };
  }
  const { place, low, high, ticks } = paramScale(param);
  return {
    axis: {
      title,
      type: "linear",
      range: [low - 0.25, high + 0.25],
      tickvals: ticks.map((tick) => tick.place),
      ticktext: ticks.map(({ text }) => plotText(text)),
    },
    place,
  };
}

/**
 * A param of every member of a population over the steps of its models (the first one of `params`, else the first number
 * that changed): the plot of the learning rates in Jaderberg et al. 2017 and on the poster, with copies drawn from the
 * parent's value to the child's.
 */
function renderParamHistory({ study, params }: PlotInput): Figure {
  const name = params?.[0] ?? chosenParam(study);
  const param = name === undefined ? undefined : study.definition.space[name];
  if (name === undefined || param === undefined || countCopies(study) === 0) return { data: [], layout: {} };
  const { axis, place } = axisOf(name, param);
  const heightOf = ({ params: own }: Stage): number | undefined => {
    const value = own[name];
    const height = value === undefined ? Number.NaN : place(value);
    return Number.isFinite(height) ? height : undefined;
  };
  const data = populationTraces(study, populationOf(study), { heightOf, lead: 0 });
  return {
    data,
    layout: {
      xaxis: { title: { text: "step" }, type: "linear", rangemode: "tozero" },
      yaxis: axis,
      showlegend: true,
      hovermode: "closest",
    },
  };
}

export const paramHistory: PlotDefinition = {
  name: "param-history",
  title: "A param over steps",
  summary: "How every member's param changed, and with which values the best model was trained.",
  takes: ["params"],
  needs: "a population whose trials copied models",
  render: renderParamHistory,
};
