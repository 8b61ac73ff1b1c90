import { bestTrial } from "../core/best-trial.js";
import { costOf } from "../core/goal.js";
import type { Study } from "../core/study.js";
import { TRIAL_STATES } from "../core/trial.js";
import { secondsSaved, stepsSaved } from "../forecast/steps-saved.js";
import { type PlottedStudy, progressOf } from "../plots/index.js";
import { shortValue } from "../plots/trial-text.js";
import type { ComparedLine } from "./contract.js";
import { algorithmText } from "./study-view.js";
import { durationText, numberText } from "./wording.js";

/** The places of the least number; none if all are equal or there is nothing to compare. */
function least(numbers: readonly (number | undefined)[]): number[] {
  const known = numbers.filter((number) => number !== undefined).filter(Number.isFinite);
  const minimum = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (known.length < 2 || known.every((number) => number === minimum)) return [];
  return numbers.flatMap((number, place) => (number === minimum ? [place] : []));
}

/**
 * The steps that each study had spent when a complete training of it first was as good as the best one of
 * whichever study did worst: the value that all of them reached. Undefined if a study has no complete training.
 */
export function stepsToCommonBest(studies: readonly PlottedStudy[]): (number | undefined)[] {
  const goal = studies[0]?.study.definition.goal;
  const progresses = studies.map(progressOf);
  const ends = progresses.map(({ complete }) => complete.at(-1));
  if (goal === undefined || ends.some((end) => end === undefined)) return studies.map(() => undefined);
  const worst = Math.max(...ends.map((end) => costOf(end?.value ?? Number.NaN, goal)));
  return progresses.map(({ complete }) => complete.find(({ value }) => costOf(value, goal) <= worst)?.spent);
}

function savedSteps(study: Study): string {
  const saved = stepsSaved(study);
  const whole = (saved ?? 0) + study.totalSteps + study.pace.again;
  return saved === undefined || whole === 0 ? "-" : `${saved} (${Math.round((100 * saved) / whole)} %)`;
}

function savedTime(study: Study): string {
  const seconds = secondsSaved(study);
  if (seconds === undefined || seconds === 0) return "-";
  return seconds < 0 ? `-${durationText(-seconds)}` : durationText(seconds);
}

const statesText = ({ byState }: Study): string =>
  TRIAL_STATES.filter((state) => byState[state].size > 0)
    .map((state) => `${byState[state].size} ${state}`)
    .join(", ");

/** Studies with the same goal side by side, line by line. */
export function comparedLines(plotted: readonly PlottedStudy[]): ComparedLine[] {
  const studies = plotted.map(({ study }) => study);
  const goal = studies[0]?.definition.goal;
  if (goal === undefined) return [];
  const bests = studies.map((study) => bestTrial(study));
  const common = stepsToCommonBest(plotted);
  const plain = (label: string, textOf: (study: Study) => string): ComparedLine => ({
    label,
    cells: studies.map(textOf),
    winners: [],
  });
  const names = new Set(studies.flatMap(({ definition }) => Object.keys(definition.space)));
  return [
    {
      label: `best ${goal.metric}`,
      cells: bests.map((best) => numberText(best?.value)),
      winners: least(bests.map((best) => (best === undefined ? undefined : costOf(best.value, goal)))),
    },
    {
      label: "steps until the best value that all reached",
      cells: common.map((steps) => (steps === undefined ? "-" : String(steps))),
      winners: least(common),
    },
    plain("steps spent", ({ totalSteps }) => String(totalSteps)),
    plain("steps saved by stopping and pausing", savedSteps),
    plain("time saved, starts after pauses counted", savedTime),
    plain("trials by state", statesText),
    plain("time", ({ elapsed }) => durationText(elapsed)),
    plain("sampler", ({ definition }) => algorithmText(definition.sampler)),
    plain("scheduler", ({ definition }) => algorithmText(definition.scheduler)),
    plain("seed", ({ definition }) => String(definition.seed)),
    ...(bests.every((best) => best === undefined)
      ? []
      : [...names].map(
          (name): ComparedLine => ({
            label: `${name} of the best trial`,
            winners: [],
            cells: bests.map((best) => {
              const value = best?.trial.params[name];
              return value === undefined ? "-" : shortValue(value);
            }),
          }),
        )),
  ];
}
