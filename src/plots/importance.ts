import { endedTrials, paramImportance } from "../importance/index.js";
import { FATES } from "./fate.js";
import type { Figure } from "./figure.js";
import { clipped } from "./param-scale.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";
import { plotText, shortNumber, shortValue } from "./trial-text.js";

/** More bars could not be told apart. */
const MOST_BARS = 30;
const NAME_LENGTH = 30;

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/**
 * How much each param matters for being among the best tenth of the trials (PED-ANOVA, see `paramImportance`), the most
 * important on top. Trials that were paused or stopped count with the forecast of their ends.
 */
function renderImportance({ study, ends = endedTrials(study) }: PlotInput): Figure {
  const { definition } = study;
  const { params, trials, bestTrials } = paramImportance({ params: definition.space }, ends);
  if (trials < 2 || params.length === 0) return { data: [], layout: {} };
  // A bar chart begins at the bottom.
  const shown = params.slice(0, MOST_BARS).toReversed();
  const hover = shown.map(({ param, importance, best }) => {
    const values =
      best === undefined
        ? "none of the best trials has it"
        : best.kind === "range"
          ? `the best have ${shortNumber(best.low)} to ${shortNumber(best.high)}`
          : `the best have ${shortValue(best.value)} (${percent(best.share)})`;
    return `<b>${plotText(param)}</b>: ${percent(importance)}<br>${plotText(values)}`;
  });
  return {
    data: [
      {
        type: "bar",
        orientation: "h",
        x: shown.map(({ importance }) => importance),
        y: shown.map(({ param }) => plotText(clipped(param, NAME_LENGTH))),
        text: shown.map(({ importance }) => percent(importance)),
        textposition: "outside",
        cliponaxis: false,
        hovertext: hover,
        hovertemplate: "%{hovertext}<extra></extra>",
        marker: { color: FATES.find(({ state }) => state === "complete")?.colour ?? "#1f6fe5" },
      },
    ],
    layout: {
      xaxis: {
        title: { text: `importance (best ${bestTrials} of ${trials} trials)` },
        type: "linear",
        range: [0, Math.min(1.08, 1.15 * (params[0]?.importance ?? 1) || 1)],
        tickformat: ".0%",
      },
      yaxis: { title: { text: "" }, type: "category" },
      showlegend: false,
      hovermode: "closest",
    },
  };
}

export const importance: PlotDefinition = {
  name: "importance",
  title: "Importance",
  summary: "How much each param matters for being among the best tenth of the trials.",
  takes: [],
  needs: "two trials whose ends are known or forecast, and a param with several values",
  render: renderImportance,
};
