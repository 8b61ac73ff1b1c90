import { costOf } from "../core/goal.js";
import type { Study } from "../core/study.js";
import { bestSoFar, edf, type PlottedStudy, progressOf, STUDY_COLOURS } from "../plots/index.js";
import { formatCount, formatDuration, formatSeconds, formatShare, formatValue, paramText } from "./format.js";
import { type Html, html, trusted } from "./html.js";
import { plotSection, type Section, sectionsOf } from "./plot-section.js";
import { type StudyFigures, studyFigures } from "./study-summary.js";
import { algorithmText } from "./summary-section.js";

/** One line of the comparison: a cell per study, and which of them are best, if that means anything. */
interface Line {
  readonly name: string;
  readonly cells: readonly string[];
  readonly winners: readonly number[];
}

/** The indices of the least number; none if all are equal or there is nothing to compare. */
function least(numbers: readonly (number | undefined)[]): number[] {
  const known = numbers.filter((number) => number !== undefined && Number.isFinite(number));
  const minimum = Math.min(...known.map((number) => number ?? 0));
  if (known.length < 2 || known.every((number) => number === minimum)) return [];
  return numbers.flatMap((number, index) => (number === minimum ? [index] : []));
}

/**
 * The steps that each study had spent when a complete training of it first was as good as the best one of
 * whichever study did worst: the goal that all of them reached. Undefined if a study has no complete one.
 */
export function stepsToCommonBest(studies: readonly PlottedStudy[]): (number | undefined)[] {
  const goal = studies[0]?.study.definition.goal;
  const progresses = studies.map(progressOf);
  const ends = progresses.map(({ complete }) => complete.at(-1));
  if (goal === undefined || ends.some((end) => end === undefined)) return studies.map(() => undefined);
  const worst = Math.max(...ends.map((end) => costOf(end?.value ?? Number.NaN, goal)));
  return progresses.map(({ complete }) => complete.find(({ value }) => costOf(value, goal) <= worst)?.spent);
}

function lines(studies: readonly PlottedStudy[], figures: readonly StudyFigures[]): Line[] {
  const goal = studies[0]?.study.definition.goal;
  if (goal === undefined) return [];
  const every = (text: (figure: StudyFigures, study: Study) => string): string[] =>
    figures.flatMap((figure, index) => {
      const study = studies[index]?.study;
      return study === undefined ? [] : [text(figure, study)];
    });
  const plain = (name: string, text: (figure: StudyFigures, study: Study) => string): Line => ({
    name,
    cells: every(text),
    winners: [],
  });
  const common = stepsToCommonBest(studies);
  return [
    {
      name: `best ${goal.metric}`,
      cells: every(({ best }) => (best === undefined ? "none" : formatValue(best.value))),
      winners: least(figures.map(({ best }) => (best === undefined ? undefined : costOf(best.value, goal)))),
    },
    {
      name: "steps until the best value that all reached",
      cells: common.map((steps) => (steps === undefined ? "–" : formatCount(steps))),
      winners: least(common),
    },
    plain("steps spent", ({ spent }) => formatCount(spent)),
    plain("steps saved by stopping and pausing", ({ saved, spent }) =>
      saved === undefined || saved + spent === 0
        ? "–"
        : `${formatCount(saved)} (${formatShare(saved / (saved + spent))})`,
    ),
    plain("seconds saved, starts after pauses counted", ({ secondsSaved }) =>
      secondsSaved === undefined ? "–" : formatSeconds(secondsSaved),
    ),
    plain("trials", ({ trials }) => formatCount(trials)),
    plain("by state", ({ counts }) =>
      counts
        .flatMap(({ state, count }) => (count === 0 ? [] : [`${formatCount(count)} ${state}`]))
        .join(", "),
    ),
    plain("elapsed", ({ elapsed }) => formatDuration(elapsed)),
    plain("sampler", (_, { definition }) => algorithmText(definition.sampler)),
    plain("scheduler", (_, { definition }) => algorithmText(definition.scheduler)),
    plain("seed", (_, { definition }) => String(definition.seed)),
  ];
}

function bestParams(studies: readonly PlottedStudy[], figures: readonly StudyFigures[]): Line[] {
  const names = new Set(studies.flatMap(({ study }) => Object.keys(study.definition.space)));
  if (figures.every(({ best }) => best === undefined)) return [];
  return [...names].map((name) => ({
    name: `best trial's ${name}`,
    winners: [],
    cells: figures.map(({ best }) => {
      const value = best?.trial.params[name];
      return value === undefined ? "–" : paramText(value);
    }),
  }));
}

function lineHtml({ name, cells, winners }: Line): Html {
  const columns = cells.map(
    (cell, index) => html`<td class="${winners.includes(index) ? "winner" : ""}">${cell}</td>`,
  );
  return html`<tr><th scope="row">${name}</th>${columns}</tr>`;
}

/** Several studies with the same goal side by side: their figures in a table, and their progress in one plot. */
export function comparisonSection(studies: readonly PlottedStudy[]): Section {
  const [first, ...others] = studies;
  if (first === undefined) return { html: trusted(""), figures: [] };
  const figures = studies.map(({ study }) => studyFigures(study));
  const heads = studies.map(({ study }, index) => {
    const colour = STUDY_COLOURS[index % STUDY_COLOURS.length] ?? "";
    return html`<th scope="col"><span class="swatch" style="background: ${colour}"></span>${study.definition.name}</th>`;
  });
  const plot = {
    ...bestSoFar,
    summary: "Solid: complete trainings. Dotted: any report. The lines compare at equal steps spent.",
  };
  const figure = bestSoFar.render({ ...first, against: others });
  const sections = [
    plotSection(plot, [figure], "comparison-best-so-far", "comparison"),
    ...sectionsOf(edf, [edf.render({ ...first, against: others })], "comparison-edf", "comparison"),
  ];
  return {
    html: html`<section class="card" style="margin-top: 26px"><div class="scroll"><table class="compared"><thead><tr><td></td>${heads}</tr></thead>
<tbody>${[...lines(studies, figures), ...bestParams(studies, figures)].map(lineHtml)}</tbody></table></div></section>
<div class="plots" style="margin-top: 14px">${sections.map((section) => section.html)}</div>`,
    figures: sections.flatMap((section) => section.figures),
  };
}
