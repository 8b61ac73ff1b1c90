import type { Action } from "../decision.js";
import type { Failed, Finished, Paused, Released, Replicated } from "../events.js";
import type { Failure } from "../failure.js";
import { ofFields } from "../fields.js";
import { goalsOf } from "../goals/trial-result.js";
import type { AttemptEnd } from "../launcher.js";
import type { Study } from "../study.js";
import type { StudyDefinition } from "../study-definition.js";
import { lastStep, lastValue, presentTraining, type Trial, trainingValue } from "../trial.js";
import { isSpent } from "./budget.js";
import { trialSeed } from "./new-trial.js";

/** The event that ends an attempt. */
export type Ending = Paused | Finished | Replicated | Released | Failed;

/** What the coordinator knows of an attempt that ends, beyond what the log says. */
export interface AttemptStanding {
  /** The training's last answer, if it was told to end. `exploit`: its trial begins again from another model. */
  readonly told?: Exclude<Action, "continue"> | undefined;
  /** Whether all trainings were asked to save and end. */
  readonly interrupted?: boolean;
  /** Whether the training failed in a way for which its host may be to blame, and another host is there. */
  readonly elsewhere?: boolean;
}

/** How a training can report, which depends on how the study runs it. */
function reportingHint({ program, goal }: StudyDefinition, { number, attempt }: Trial): string {
  const example = `"${goal.metric}":0.5`;
  if (program === undefined)
    return `Await trial.report(step, {${example}}) after each step, or return the value at the end.`;
  const { metrics } = program;
  const log = `trial-${number}/output-${attempt}.log`;
  switch (metrics.kind) {
    case "lines":
      return `Report over CURVEWISE_SOCKET, print lines such as: curvewise {"step":1,${example}}, or describe its own lines by \`metrics: { pattern: ... }\`, see docs/program-output.md.`;
    case "file":
      return `No metrics were found in ${metrics.file}: compare that with what the program writes; its output is in ${log}.`;
    case "format":
      return `No line of its output was one of ${metrics.format}'s: \`curvewise check FILE --output LOG\` shows what is read from ${log}.`;
    default:
      return `No line of its output matched metrics.${metrics.kind}: \`curvewise check FILE --output LOG\` shows what is read from ${log}.`;
  }
}

/** The goal metrics that the present training of a trial never reported, in the goals' order. */
function missingMetrics({ goal }: StudyDefinition, training: Pick<Trial, "curve">): string[] {
  return goalsOf(goal)
    .map(({ metric }) => metric)
    .filter((metric) => lastValue(training, metric) === undefined);
}

function missingGoal(definition: StudyDefinition, trial: Trial, missing: readonly string[]): Failure {
  const names = missing.map((metric) => `"${metric}"`).join(" and ");
  const [noun, hint] =
    missing.length === 1
      ? ["goal metric", "Name one of the reported metrics in the study's goal, or report that metric."]
      : ["goal metrics", "Name reported metrics in the study's goals, or report those metrics."];
  const reported = [...presentTraining(trial).curve.metrics.keys()];
  if (reported.length === 0) {
    return {
      code: "NOTHING_REPORTED",
      message: "the training ended without reporting anything",
      hint: reportingHint(definition, trial),
    };
  }
  return {
    code: "METRIC_MISSING",
    message: `the training never reported the ${noun} ${names}; it reported ${reported.join(", ")}`,
    hint,
  };
}

/** Whether somebody asked to stop a trial or the whole study, and that is why the attempt ends. */
function isStoppedByRequest(
  { halt, held, definition: { maxSteps } }: Study,
  trial: Trial,
  end: AttemptEnd,
  { told, interrupted }: AttemptStanding,
): boolean {
  if ((held.get(trial.number) ?? halt)?.action !== "stop" && halt?.action !== "stop") return false;
  if (maxSteps !== undefined && lastStep(presentTraining(trial)) >= maxSteps) return false;
  // One that was not told has come to its end by itself.
  return end.kind !== "ended" || told !== undefined || interrupted === true;
}

/**
 * How the running attempt of a trial ends. What somebody asked for comes first: a trial that was to be stopped is. The decision at its last report comes first: a training that was told to
 * pause or stop has done so, however its program ended. One that reached the last step is complete, even if it was
 * given back. Of the others, those that were given back, interrupted or paused by somebody wait to go on; the rest ended
 * by themselves, and are complete if they ever reported every goal's metric. A failure for which the host may be to blame is not the trial's.
 */
export function endingOf(
  study: Study,
  trial: Trial,
  end: AttemptEnd,
  standing: AttemptStanding = {},
): Ending {
  const { told, interrupted = false, elsewhere = false } = standing;
  const place = { trial: trial.number, attempt: trial.attempt };
  const { maxSteps, retries, goal } = study.definition;
  const training = presentTraining(trial);
  const reached = lastStep(training);
  // Schedulers decide about the first training only.
  const isFirst = trial.replicates.length === 0;
  const decided = isFirst && trial.decision?.step === reached ? trial.decision.action : undefined;
  if (isStoppedByRequest(study, trial, end, standing))
    return { type: "finished", ...place, state: "stopped" };
  if (told === "exploit" || decided === "pause") {
    const parked = end.kind === "ended" ? end.parked : undefined;
    return ofFields<Paused>({ type: "paused", ...place, parked });
  }
  if (decided === "stop") {
    const unspared = end.kind === "ended" ? end.unspared : undefined;
    return ofFields<Finished>({ type: "finished", ...place, state: "stopped", unspared });
  }
  if (maxSteps === undefined || reached < maxSteps) {
    if (end.kind === "released") return { type: "released", ...place, reason: end.reason };
    if (end.kind === "not-started" || (end.kind === "failed" && elsewhere && !interrupted)) {
      return { type: "released", ...place, reason: "host", error: end.error };
    }
    if (interrupted) return { type: "released", ...place, reason: isSpent(study) ? "budget" : "interrupted" };
    // The scheduler did not decide it.
    if (told === "pause") return { type: "released", ...place, reason: "request" };
  }
  const missing = missingMetrics(study.definition, training);
  if (end.kind !== "failed" && missing.length === 0) {
    const done = trial.replicates.length + 1;
    // One that diverged settles what the trial is worth, unless its best report before that counts.
    const isWorth = Number.isFinite(trainingValue(training, goal));
    if (done < (study.definition.replicates ?? 1) && isWorth)
      return { type: "replicated", ...place, seed: trialSeed(study.definition.seed, trial.number, done) };
    return { type: "finished", ...place, state: "complete" };
  }
  const error = end.kind === "failed" ? end.error : missingGoal(study.definition, trial, missing);
  const output = end.kind === "failed" ? end.output : [];
  return { type: "failed", ...place, error, output, retry: trial.failures < retries };
}

/**
 * What to record on opening a study that its last coordinator did not close: every running attempt is over. See
 * {@link endingOf}; a trial that was to go on with another trial's model waits.
 */
export function recoveryEvents(study: Study): Ending[] {
  return [...study.byState.running].flatMap((number): Ending[] => {
    const trial = study.trials[number];
    return trial === undefined ? [] : [endingOf(study, trial, { kind: "released", reason: "lost" })];
  });
}
