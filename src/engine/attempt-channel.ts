import { isSpent } from "../core/course/budget.js";
import { conduct } from "../core/course/conduct.js";
import type { Course } from "../core/course/course.js";
import { reportEvents } from "../core/course/report.js";
import { CurvewiseError } from "../core/errors.js";
import type { Metrics } from "../core/events.js";
import type { Failure } from "../core/failure.js";
import type { ReportAnswer, TrialChannel } from "../core/launcher.js";
import type { Scheduler } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { lastStep, presentTraining, type Trial } from "../core/trial.js";
import { kindOfReport, type LiveAttempt, type TrialsInHand } from "./attempts.js";
import { carryOutExploit } from "./exploit.js";
import type { Recorder } from "./recorder.js";
import { checkOrder, checkReport } from "./report-check.js";
import { discardSnapshot } from "./snapshot-discard.js";
import { inspectSnapshot } from "./snapshot-file.js";

/** What the channels of a coordinator share. */
export interface ChannelContext {
  readonly course: Course;
  readonly study: Study;
  readonly scheduler: Scheduler;
  readonly recorder: Recorder;
  readonly hands: TrialsInHand;
  /** The study's folder, absolute. */
  readonly folder: string;
  /** Called when the study's steps or time are used up. */
  readonly onSpent: () => void;
  /** Called when there may be a new snapshot for a scheduler that waits for one. */
  readonly onSnapshot: () => void;
}

/** The coordinator's end of the conversation with one running attempt. */
export function createChannel(context: ChannelContext, attempt: LiveAttempt): TrialChannel {
  const { course, study, scheduler, recorder, hands, folder } = context;
  const { signal: interrupted } = attempt.ending;
  const { trial: number, attempt: attemptNumber } = attempt.assignment;
  const isLive = (): boolean => hands.live.get(number) === attempt;

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

  /** What a training is told that its scheduler lets go on: what somebody asked for, if anybody did. */
  const goOn = (): ReportAnswer => {
    const hold = study.held.get(number) ?? study.halt;
    if (hold !== undefined) return answer(hold.action);
    return answer(interrupted.aborted ? "pause" : "continue");
  };
  const toldAgain = (told: NonNullable<LiveAttempt["told"]>): ReportAnswer =>
    told === "exploit" ? "stop" : told;

  const exploit = async (canExploit: boolean): Promise<ReportAnswer> => {
    const waits = trialNow().exploiting?.waits === true;
    const inherited = await carryOutExploit(context, trialNow());
    if (inherited === undefined) return goOn();
    if (canExploit && !waits && !interrupted.aborted && isLive()) {
      attempt.step = inherited.resume.step;
      return { action: "exploit", ...inherited };
    }
    attempt.told ??= "exploit";
    return "stop";
  };

  const takeNewReport = async (
    step: number,
    metrics: Metrics,
    canExploit: boolean,
  ): Promise<ReportAnswer> => {
    const trial = trialNow();
    const durable = [recorder.record(...reportEvents(study, trial, step, metrics))];
    const { decision, event } = conduct(course, trial, step);
    if (event !== undefined) durable.push(recorder.record(event));
    // Set before it is durable, so that a second report cannot slip in between; answered afterwards.
    if (decision.action !== "exploit") answer(decision.action);
    if (isSpent(study)) context.onSpent();
    await Promise.all(durable);
    if (decision.action === "exploit") return exploit(canExploit);
    if (decision.action !== "continue") return decision.action;
    return step === study.definition.maxSteps ? "continue" : goOn();
  };

  /** Once per study: most programs go beyond the last step in every trial, if they do in one. */
  const noteBeyond = (step: number): void => {
    const { maxSteps } = study.definition;
    const reached = lastStep(presentTraining(trialNow()));
    const isKnown = study.notes.some(({ code }) => code === "STEP_BEYOND");
    if (maxSteps === undefined || reached >= maxSteps || isKnown) return;
    note({
      code: "STEP_BEYOND",
      message: `step ${step} comes after the study's last step, maxSteps: ${maxSteps}; it is not recorded, and the training is told to stop`,
      hint: "Set maxSteps to the last step that a training reports, or report in the unit in which maxSteps counts.",
    });
  };

  /** Once per study: its other trials have no snapshots either. */
  const noteAgain = (step: number): void => {
    const { pauses, snapshot: saved, curve } = trialNow();
    const paused = pauses.at(-1);
    const { resume, parked } = attempt.assignment;
    if (paused === undefined || paused !== curve.steps.at(-1) || resume !== undefined || parked === true)
      return;
    if (saved !== undefined || study.notes.some(({ code }) => code === "TRAINED_AGAIN")) return;
    note({
      code: "TRAINED_AGAIN",
      message: `began again at step ${step} after its pause at step ${paused}, since it has no snapshot: each pause costs it a training from the start`,
      hint: "Save snapshots (docs/trial-protocol.md), or use a scheduler that does not pause: `scheduler: {lcm: {mode: stop}}`, or `asha` with `type: stopping`.",
    });
  };

  const report = async (step: number, metrics: Metrics, canExploit = false): Promise<ReportAnswer> => {
    checkReport(step, metrics);
    const { maxSteps } = study.definition;
    const kind = kindOfReport(isLive() ? attempt : undefined, trialNow(), step, maxSteps);
    if (kind === "late") {
      await recorder.record({ type: "reported-late", trial: number, attempt: attemptNumber, step, metrics });
      return "stop";
    }
    if (kind === "beyond") {
      noteBeyond(step);
      return answer("stop");
    }
    checkOrder(step, attempt.step);
    attempt.step = step;
    if (kind === "new") return takeNewReport(step, metrics, canExploit);
    if (kind === "known") noteAgain(step);
    return attempt.told === undefined ? goOn() : toldAgain(attempt.told);
  };

  /** Whether a snapshot's model was given up for another before the snapshot was reported. */
  const isGivenUp = (step: number): boolean => {
    if (attempt.told === "exploit") return true;
    const inherited = trialNow().inheritances.at(-1)?.step;
    return inherited !== undefined && step <= inherited;
  };

  const snapshot = async (step: number, path: string): Promise<void> => {
    if (
      !Number.isSafeInteger(step) ||
      step < 1 ||
      (attempt.told !== "exploit" && step > lastStep(presentTraining(trialNow())))
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
    const { snapshot: replaced, bestSnapshot: replacedBest } = trialNow();
    await recorder.record({ type: "snapshot-saved", trial: number, attempt: attemptNumber, step, ...file });
    if (scheduler.snapshotEvery === undefined) return;
    context.onSnapshot();
    await discardSnapshot(study, folder, replaced);
    await discardSnapshot(study, folder, replacedBest);
  };

  const note = (failure: Failure): void => {
    if (attempt.noted.has(failure.code)) return;
    attempt.noted.add(failure.code);
    // If the storage fails, the recorder tells the coordinator; a note has nobody else to tell.
    recorder.record({ type: "note", trial: number, ...failure }).catch(() => {});
  };

  return { report, snapshot, note, interrupted };
}
