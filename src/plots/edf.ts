import { costOf } from "../core/goal.js";
import { endedTrials } from "../importance/index.js";
import { evenlySpaced } from "../math/evenly-spaced.js";
import { STUDY_COLOURS } from "./fate.js";
import type { Figure, ScatterTrace } from "./figure.js";
import { metricAxis } from "./metric-axis.js";
import type { PlotDefinition, PlotInput, PlottedStudy } from "./plot-definition.js";
import { plotText } from "./trial-text.js";

/** The most steps that are drawn of a line. */
const MOST_STEPS = 2000;

/** A study's ends. */
interface Ends {
  /** Finite values, best first. */
  readonly values: readonly number[];
  /** How many trials ended or are expected to, those that failed or diverged among them. */
  readonly trials: number;
  readonly forecast: number;
}

function endsOf({ study, ends: all = endedTrials(study) }: Pick<PlotInput, "study" | "ends">): Ends {
  const { goal } = study.definition;
  const finite = all.filter(({ cost }) => Number.isFinite(cost)).toSorted((a, b) => a.cost - b.cost);
  return {
    values: finite.map(({ cost }) => (goal.direction === "minimize" ? cost : 0 - cost)),
    trials: all.length,
    forecast: finite.filter(({ isForecast }) => isForecast).length,
  };
}

/** The corners of the staircase: only the last of several equal values. */
function lineOf(plotted: PlottedStudy, { values, trials, forecast }: Ends, index: number): ScatterTrace[] {
  const { definition } = plotted.study;
  const corners = values.flatMap((value, place) =>
    value === values[place + 1] ? [] : [{ value, share: (place + 1) / trials }],
  );
  const [first] = corners;
  if (first === undefined) return [];
  const drawn = [{ value: first.value, share: 0 }, ...evenlySpaced(corners, MOST_STEPS)];
  const notes = [
    `${trials} ${trials === 1 ? "trial" : "trials"}`,
    ...(forecast === 0 ? [] : [`${forecast} forecast`]),
  ];
  return [
    {
      type: "scatter",
      name: `${plotText(definition.name)} (${notes.join(", ")})`,
      mode: "lines",
      x: drawn.map(({ value }) => value),
      y: drawn.map(({ share }) => share),
      hovertemplate: `${plotText(definition.goal.metric)} %{x}: <b>%{y:.1%}</b> of the trials are at least as good<extra></extra>`,
      line: { color: STUDY_COLOURS[index % STUDY_COLOURS.length] ?? "#1f6fe5", width: 2.2, shape: "hv" },
      showlegend: true,
    },
  ];
}

/**
 * The share of a study's trials that end at least as well as each value (the empirical distribution function), one line
 * a study. Trials that were paused or stopped count with the forecast of their ends. Those that failed or diverged are
 * worse than any value, so that the line of a study in which many do stays low.
 */
function renderEdf(input: PlotInput): Figure {
  const studies = [input, ...(input.against ?? [])];
  const ends = studies.map(endsOf);
  const { goal } = input.study.definition;
  const values = ends.flatMap((each) => each.values);
  const data = studies.flatMap((plotted, index) => {
    const own = ends[index];
    return own === undefined ? [] : lineOf(plotted, own, index);
  });
  if (data.length === 0) return { data, layout: {} };
  const ordered = values.toSorted((a, b) => costOf(a, goal) - costOf(b, goal));
  return {
    data,
    layout: {
      xaxis: metricAxis(goal.metric, ordered, goal.direction, false),
      yaxis: {
        title: { text: "share of trials at least as good" },
        type: "linear",
        range: [0, 1.02],
        tickformat: ".0%",
      },
      showlegend: true,
      hovermode: "closest",
    },
  };
}

export const edf: PlotDefinition = {
  name: "edf",
  title: "Distribution of final values",
  summary:
    "The share of trials that end at least as well as a value. Trials that failed or diverged are worse than all others; those that were cut short count with the forecast of their ends.",
  takes: ["against"],
  needs: "a trial whose end is known or forecast",
  render: renderEdf,
};
