import type { StudyEvent } from "../core/events.js";
import type { Study } from "../core/study.js";
import { goalValue, lastStep, secondsOf, type Trial } from "../core/trial.js";
import { shortNumber } from "../plots/trial-text.js";
import { conclusion } from "./conclusion.js";
import type { FactView, TrialView } from "./contract.js";
import { decisionViews } from "./decision-views.js";
import { paramViews } from "./param-views.js";
import { stageViews } from "./population-view.js";
import { fateOf } from "./study-view.js";
import { finite } from "./viewed-study.js";
import { durationText, replicatesText } from "./wording.js";

const snapshotFact = (label: string, snapshot: Trial["snapshot"]): FactView[] =>
  snapshot === undefined ? [] : [{ label, text: `${snapshot.path} (step ${snapshot.step})` }];

function factsOf(study: Study, trial: Trial): FactView[] {
  const { definition } = study;
  const { goal, maxSteps } = definition;
  const seconds = secondsOf(trial);
  const value = goalValue(trial, goal);
  const source = trial.inheritances.at(-1);
  return [
    { label: goal.metric, text: value === undefined ? "-" : shortNumber(value) },
    { label: "step", text: `${lastStep(trial)}${maxSteps === undefined ? "" : ` of ${maxSteps}`}` },
    ...(definition.replicates === undefined
      ? []
      : [{ label: "replicates", text: replicatesText(study, trial) }]),
    { label: "asked", text: "", moment: trial.askedAt, hint: `By the sampler ${trial.sampler}.` },
    { label: "seed", text: String(trial.seed) },
    ...(trial.startedAt === undefined ? [] : [{ label: "started", text: "", moment: trial.startedAt }]),
    ...(seconds === undefined ? [] : [{ label: "took", text: durationText(seconds) }]),
    ...(trial.attempt === 0 ? [] : [{ label: "attempts", text: String(trial.attempt) }]),
    ...(trial.worker === undefined ? [] : [{ label: "worker", text: trial.worker }]),
    ...(source === undefined
      ? []
      : [
          {
            label: "models taken over",
            text: `${trial.inheritances.length}, the last one of trial ${source.parent} at step ${source.step}`,
          },
        ]),
    ...snapshotFact("snapshot", trial.snapshot),
    ...snapshotFact("snapshot of the best report", trial.bestSnapshot),
  ];
}

/** What a trial's files are, which only its folder knows. */
export type TrialFiles = Pick<TrialView, "hasOutput" | "downloads">;

const NO_FILES: TrialFiles = { hasOutput: false, downloads: [] };

/** What a view of a trial is made from besides the study. */
export interface TrialContext {
  /** The trial's events, in order. */
  readonly events: readonly StudyEvent[];
  /** The place of each trial with a value among all of them, from 1, by number. */
  readonly ranks: ReadonlyMap<number, number>;
  readonly files?: TrialFiles;
}

/** Everything about one trial. */
export function trialView(
  study: Study,
  trial: Trial,
  { events, ranks, files = NO_FILES }: TrialContext,
): TrialView {
  return {
    number: trial.number,
    state: trial.state,
    colour: fateOf(trial.state).colour,
    value: finite(goalValue(trial, study.definition.goal)),
    rank: ranks.get(trial.number) ?? null,
    ranked: ranks.size,
    params: paramViews(trial.params),
    facts: factsOf(study, trial),
    conclusion: conclusion(study, trial, events.filter(({ type }) => type === "decided").length),
    decisions: decisionViews(study, events),
    failures: events
      .filter((event) => event.type === "failed")
      .map(({ error, output }) => ({
        code: error.code,
        message: error.message,
        hint: error.hint ?? null,
        output: [...output],
      })),
    notes: events
      .filter((event) => event.type === "note")
      .map(({ time, trial: number, code, message, hint }) => ({
        time,
        trial: number ?? null,
        code,
        message,
        hint: hint ?? null,
      })),
    history: stageViews(study, trial.number),
    tags: study.trialTags.get(trial.number) ?? [],
    ...files,
  };
}
