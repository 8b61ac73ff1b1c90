import type { Decision } from "../core/decision.js";
import { CurvewiseError } from "../core/errors.js";
import type { EventBody, Failure, Metrics } from "../core/events.js";
import type { ReportAnswer, StopSignal, TrialChannel } from "../core/launcher.js";
import type { Scheduler } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { lastStep, type Trial } from "../core/trial.js";
import type { LiveAttempt, LiveAttempts } from "./attempts.js";
import { isSpent } from "./budget.js";
import { carryOutExploit } from "./exploit.js";
import type { Recorder } from "./recorder.js";
import { checkOrder, checkReport } from "./report-check.js";
import { discardSnapshot } from "./snapshot-discard.js";
import { inspectSnapshot } from "./snapshot-file.js";

/** What the channels of a coordinator share. */
export interface ChannelContext {
  readonly study: Study;
  readonly scheduler: Scheduler;
  readonly recorder: Recorder;
  readonly live: LiveAttempts;
  /** The study's folder, absolute. */
  readonly folder: string;
  readonly interrupted: StopSignal;
  /** Called when the study's steps or time are spent. */
  readonly onSpent: () => void;
  /** Called when a scheduler that waits for snapshots may find a new one. */
  readonly onSnapshot: () => void;
}

/** The coordinator's end of the talk with one running attempt. */
export function createChannel(context: ChannelContext, attempt: LiveAttempt): TrialChannel {
  const { study, scheduler, recorder, live, folder, interrupted } = context;
  const { trial: number, attempt: attemptNumber } = attempt.assignment;
  const isLive = (): boolean => live.get(number) === attempt;

  const trialNow = (): Trial => {
    const trial = study.trials[number];
    if (trial === undefined)
      throw new CurvewiseError("LOG_INVALID", `trial ${number} is gone`, { kind: "failure" });
    return trial;
  };

  const answer = (action: "continue" | "pause" | "stop"): ReportAnswer => {
    if (action !== "continue") attempt.told ??= action;
    return action;
  };

  const exploit = async (canExploit: boolean): Promise<ReportAnswer> => {
    const waits = trialNow().exploiting?.waits === true;
    const inherited = await carryOutExploit(context, trialNow());
    if (inherited === undefined) return answer(interrupted.aborted ? "pause" : "continue");
    if (canExploit && !waits && !interrupted.aborted && isLive()) {
      attempt.step = inherited.resume.step;
      return { action: "exploit", ...inherited };
    }
    attempt.told ??= "exploit";
    return "stop";
  };

  const record = (step: number, decision: Decision): Promise<void>[] => {
    if (decision.explanation === undefined) return [];
    const { action, explanation } = decision;
    const place = { trial: number, attempt: attemptNumber, step };
    const decided: EventBody =
      decision.action === "exploit"
        ? { type: "decided", ...place, action, explanation, exploit: decision.exploit }
        : { type: "decided", ...place, action, explanation };
    return [recorder.record(decided)];
  };

  const report = async (step: number, metrics: Metrics, canExploit = false): Promise<ReportAnswer> => {
    checkReport(step, metrics);
    if (!isLive()) {
      await recorder.record({ type: "reported-late", trial: number, attempt: attemptNumber, step, metrics });
      return "stop";
    }
    const { maxSteps } = study.definition;
    const trial = trialNow();
    if (maxSteps !== undefined && step > maxSteps) return answer("stop");
    checkOrder(step, attempt.step);
    attempt.step = step;
    attempt.reported = true;
    if (attempt.told !== undefined) return attempt.told === "exploit" ? "stop" : attempt.told;
    const isNew = step > lastStep(trial);
    if (!isNew) return answer(interrupted.aborted ? "pause" : "continue");

    if (lastStep(trial) === 0 && !Object.hasOwn(metrics, study.definition.goal.metric))
      noteMissingGoal(metrics);
    const reported: EventBody = { type: "reported", trial: number, attempt: attemptNumber, step, metrics };
    const durable = [recorder.record(reported)];
    const isLast = step === maxSteps;
    const decision: Decision = isLast ? { action: "continue" } : scheduler.decide(trial, step, study);
    durable.push(...record(step, decision));
    // Told before it is durable, so that a second report cannot slip in between; answered after.
    if (decision.action !== "exploit") answer(decision.action);
    if (isSpent(study)) context.onSpent();
    await Promise.all(durable);
    if (decision.action === "exploit") return exploit(canExploit);
    if (decision.action !== "continue") return decision.action;
    return answer(interrupted.aborted && !isLast ? "pause" : "continue");
  };

  /** Whether a snapshot's model was given up for another one's before the snapshot was told of. */
  const isGivenUp = (step: number): boolean => {
    if (attempt.told === "exploit") return true;
    const inherited = trialNow().inheritances.at(-1)?.step;
    return inherited !== undefined && step <= inherited;
  };

  const snapshot = async (step: number, path: string): Promise<void> => {
    if (
      !Number.isSafeInteger(step) ||
      step < 1 ||
      (attempt.told !== "exploit" && step > lastStep(trialNow()))
    ) {
      throw new CurvewiseError(
        "SNAPSHOT_INVALID",
        `a snapshot of step ${step} was saved before that step's report`,
        {
          hint: "Report a step first, then save the snapshot of that step.",
        },
      );
    }
    const file = await inspectSnapshot(folder, attempt.assignment.folder, path);
    if (!isLive()) return;
    if (isGivenUp(step)) {
      await discardSnapshot(study, folder, file);
      return;
    }
    const replaced = trialNow().snapshot;
    await recorder.record({ type: "snapshot-saved", trial: number, attempt: attemptNumber, step, ...file });
    if (scheduler.snapshotEvery === undefined) return;
    context.onSnapshot();
    await discardSnapshot(study, folder, replaced);
  };

  const note = (failure: Failure): void => {
    if (attempt.noted.has(failure.code)) return;
    attempt.noted.add(failure.code);
    // The recorder tells the coordinator when the storage fails; a note has nobody else to tell.
    recorder.record({ type: "note", trial: number, ...failure }).catch(() => {});
  };

  const noteMissingGoal = (metrics: Metrics): void => {
    const { metric } = study.definition.goal;
    note({
      code: "METRIC_ABSENT",
      message: `the first report of trial ${number} has ${Object.keys(metrics).join(", ")}, but not the goal metric "${metric}"`,
      hint: "A trial whose training never reports the goal metric fails when it ends.",
    });
  };

  return { report, snapshot, note, interrupted };
}
