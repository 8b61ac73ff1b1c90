import type { MetricGoal } from "../core/goal.js";
import { frontGoals } from "../core/goals/front.js";
import { hypervolume, type PlottedStudy, pareto } from "../plots/index.js";
import { html, trusted } from "./html.js";
import { type Section, sectionsOf } from "./plot-section.js";

/** The most metrics that can be drawn. */
const MOST_DRAWN = 3;

/**
 * Plots of a front of several metrics: those given or, if none are, the study's goals. Nothing unless there are two.
 *
 * @throws CurvewiseError `GOALS_INVALID` for a metric that no trial reported, or that is named twice
 */
export function frontSection(plotted: PlottedStudy, named: readonly MetricGoal[], key: string): Section {
  const { name } = plotted.study.definition;
  const goals = frontGoals(plotted.study, named);
  const input = { ...plotted, goals };
  const sections =
    goals.length < 2
      ? []
      : [
          ...(goals.length > MOST_DRAWN
            ? []
            : sectionsOf(pareto, [pareto.render(input)], `${key}-pareto`, name)),
          ...sectionsOf(hypervolume, [hypervolume.render(input)], `${key}-hypervolume`, name),
        ];
  if (sections.length === 0) return { html: trusted(""), figures: [] };
  return {
    html: html`<div class="heading"><h2>Front</h2></div>
<div class="plots">${sections.map((section) => section.html)}</div>`,
    figures: sections.flatMap((section) => section.figures),
  };
}
