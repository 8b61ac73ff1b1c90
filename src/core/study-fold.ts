import { corrupt } from "./corrupt-log.js";
import type {
  AttemptStarted,
  Decided,
  Exploited,
  ExploitFailed,
  Failed,
  Finished,
  Paused,
  Replicated,
  Reported,
  Resumed,
  StudyEvent,
  TrialAsked,
  WorkerJoined,
} from "./events.js";
import type { Exploit, PendingExploit } from "./exploit.js";
import type { EveryField } from "./fields.js";
import { type Goal, isBetter } from "./goal.js";
import { violationOfTrial } from "./goals/trial-result.js";
import { isAsImported } from "./imported-attempt.js";
import { noteLead } from "./note-lead.js";
import { timePause, timeReport, timeStart } from "./pace.js";
import { stopByRequest, takeRequest, takeTags } from "./request-fold.js";
import { ownParams } from "./search-space.js";
import type { Snapshot } from "./snapshot.js";
import { type FormerWorker, MAX_FORMER_WORKERS, MAX_NOTES, type StudyNote } from "./study.js";
import { changeStudy, noteFit } from "./study-change.js";
import { enter, type StudyRecord, studyRecord, type TrialRecord } from "./study-record.js";
import { decodeTransferred } from "./transferred-study.js";
import {
  goalStep,
  goalValue,
  type LastDecision,
  lastStep,
  presentTraining,
  presentValue,
  type TrialState,
} from "./trial.js";

/**
 * Begins a study from the first event of its log.
 *
 * @throws CurvewiseError `LOG_INVALID` when that is not `study-created`
 */
export function beginStudy(event: StudyEvent): StudyRecord {
  if (event.type !== "study-created") return corrupt({ events: 0 }, `a log cannot begin with ${event.type}`);
  return studyRecord(event.definition, event.time);
}

/**
 * Applies one event. Folding a log in pieces gives the same as folding it as a whole.
 *
 * @throws CurvewiseError `LOG_INVALID` when the event cannot follow what came before
 */
export function applyEvent(study: StudyRecord, event: StudyEvent): void {
  const elapsedBefore = study.elapsed;
  if (study.halt?.action !== "pause" || study.byState.running.size > 0)
    study.elapsed += Math.max(0, event.time - study.updatedAt) / 1000;
  switch (event.type) {
    case "study-created":
      return corrupt(study, "the study already exists");
    case "study-opened":
      study.elapsed = elapsedBefore;
      for (const number of study.byState.running) countAttempt(trialOf(study, number), study.updatedAt);
      for (const name of study.workers.keys()) {
        dismiss(study, name, "coordinator-ended", "its coordinator ended", study.updatedAt);
      }
      break;
    case "study-changed":
      changeStudy(study, event);
      break;
    case "curves-transferred":
      study.transferred.push(decodeTransferred(event));
      break;
    case "trial-asked":
      addTrial(study, event);
      break;
    case "attempt-started":
      startAttempt(study, trialOf(study, event.trial), event);
      break;
    case "reported":
      addReport(study, trialOf(study, event.trial), event);
      break;
    case "reported-late":
      break;
    case "decided":
      noteDecision(study, trialOf(study, event.trial), event);
      break;
    case "snapshot-saved":
      keepSnapshot(study, trialOf(study, event.trial), snapshotOf(event));
      break;
    case "paused":
      pause(study, event);
      break;
    case "resumed":
      resume(study, trialOf(study, event.trial), event);
      break;
    case "retried":
      wake(study, trialOf(study, event.trial), "failed");
      break;
    case "exploited":
      inherit(study, trialOf(study, event.trial), event);
      break;
    case "exploit-failed":
      keepOwn(study, trialOf(study, event.trial), event);
      break;
    case "finished":
      finish(study, event);
      break;
    case "replicated":
      replicate(study, event);
      break;
    case "failed":
      fail(study, event);
      break;
    case "released":
      endAttempt(study, event, "waiting");
      break;
    case "worker-joined":
      welcome(study, event);
      break;
    case "worker-lost":
      dismiss(study, event.worker, event.reason, event.message, event.time);
      break;
    case "note":
      addNote(study, event);
      break;
    case "requested":
      takeRequest(study, event);
      break;
    case "tagged":
      takeTags(study, event);
      break;
    case "workers-set":
      break;
  }
  study.events += 1;
  study.updatedAt = Math.max(study.updatedAt, event.time);
}

function trialOf(study: StudyRecord, number: number): TrialRecord {
  return study.trials[number] ?? corrupt(study, `there is no trial ${number}`);
}

function addTrial(study: StudyRecord, event: TrialAsked & { readonly time: number }): void {
  if (event.trial !== study.trials.length) {
    corrupt(study, `got trial ${event.trial} when ${study.trials.length} was due`);
  }
  const trial: EveryField<TrialRecord> = {
    number: event.trial,
    params: Object.freeze(ownParams(study.definition.space, event.params)),
    seed: event.seed,
    sampler: event.sampler,
    state: "waiting",
    attempt: 0,
    failures: 0,
    worker: undefined,
    curve: { steps: [], metrics: new Map() },
    replicates: [],
    decision: undefined,
    pauses: [],
    parked: false,
    unspared: false,
    snapshot: undefined,
    bestSnapshot: undefined,
    exploiting: undefined,
    inheritances: [],
    failure: undefined,
    askedAt: event.time,
    startedAt: undefined,
    endedAt: undefined,
    completion: undefined,
    timing: undefined,
    attemptAt: undefined,
    trainedFor: 0,
  };
  study.trials.push(trial);
  study.byState.waiting.add(event.trial);
  study.askedBy.set(event.sampler, (study.askedBy.get(event.sampler) ?? 0) + 1);
}

/** The better of two values, if any is finite. */
function betterOf(best: number | undefined, value: number | undefined, goal: Goal): number | undefined {
  return value !== undefined && isBetter(value, best ?? Number.NaN, goal) ? value : best;
}

function startAttempt(
  study: StudyRecord,
  trial: TrialRecord,
  event: AttemptStarted & { readonly time: number },
): void {
  if (trial.state !== "waiting") corrupt(study, `trial ${trial.number} is ${trial.state} and cannot start`);
  if (event.attempt !== trial.attempt + 1)
    corrupt(study, `attempt ${event.attempt} follows ${trial.attempt}`);
  trial.attempt = event.attempt;
  trial.worker = event.worker;
  trial.startedAt ??= event.time;
  trial.endedAt = undefined;
  trial.attemptAt = event.time;
  trial.parked = false;
  if (!isAsImported(study.definition, trial)) timeStart(study, trial, event);
  enter(study, trial, "running");
}

function addReport(
  study: StudyRecord,
  trial: TrialRecord,
  event: Reported & { readonly time: number },
): void {
  const { steps, metrics } = trial.replicates.at(-1)?.curve ?? trial.curve;
  const last = lastStep(presentTraining(trial));
  if (event.step <= last) corrupt(study, `trial ${trial.number} reports step ${event.step} after ${last}`);
  study.totalSteps += event.step - last;
  if (!isAsImported(study.definition, trial)) timeReport(study, trial, event, last);
  const { goal } = study.definition;
  const reported = Object.hasOwn(event.metrics, goal.metric) ? event.metrics[goal.metric] : undefined;
  for (const [name, value] of Object.entries(event.metrics)) {
    let column = metrics.get(name);
    if (column === undefined) {
      column = steps.map(() => null);
      metrics.set(name, column);
    }
    // JSON has no negative zero, so a study read back from its log or image would differ from this one.
    column.push(value === 0 ? 0 : value);
  }
  steps.push(event.step);
  for (const column of metrics.values()) {
    if (column.length < steps.length) column.push(null);
  }
  // Of several trainings none counts by itself.
  if (study.definition.replicates === undefined && violationOfTrial(trial, goal) === 0)
    study.bestReported = betterOf(study.bestReported, reported, goal);
}

/** What a trial will go on with: the model that the parent has now. */
function pending(study: StudyRecord, exploit: Exploit | undefined): PendingExploit | undefined {
  if (exploit === undefined) return undefined;
  return { ...exploit, parentInheritances: trialOf(study, exploit.parent).inheritances.length };
}

function noteDecision(study: StudyRecord, trial: TrialRecord, event: Decided): void {
  if (event.action === "continue") return;
  const { rule, reason } = event.explanation;
  const decision: LastDecision = { step: event.step, action: event.action, rule, reason };
  trial.decision = decision;
  trial.exploiting = pending(study, event.exploit);
}

function keepSnapshot(study: StudyRecord, trial: TrialRecord, snapshot: Snapshot): void {
  const { goal } = study.definition;
  trial.snapshot = snapshot;
  const training = presentTraining(trial);
  if (goal.of === "best" && snapshot.step === goalStep(training, goal)) trial.bestSnapshot = snapshot;
  // A program that saves into one file has the newest model in it.
  else if (trial.bestSnapshot?.path === snapshot.path) trial.bestSnapshot = undefined;
}

function snapshotOf(snapshot: Snapshot): Snapshot {
  return { step: snapshot.step, path: snapshot.path, digest: snapshot.digest };
}

/** Adds the time of a trial's present attempt, unless it was added when the study was opened again. */
function countAttempt(trial: TrialRecord, until: number): void {
  if (trial.attemptAt !== undefined) trial.trainedFor += Math.max(0, until - trial.attemptAt) / 1000;
  trial.attemptAt = undefined;
}

function endAttempt(
  study: StudyRecord,
  event: { readonly trial: number; readonly attempt: number; readonly time: number },
  state: TrialState,
): TrialRecord {
  const trial = trialOf(study, event.trial);
  if (trial.state !== "running" || trial.attempt !== event.attempt) {
    corrupt(study, `attempt ${event.attempt} of trial ${event.trial} is not running`);
  }
  trial.worker = undefined;
  trial.endedAt = event.time;
  countAttempt(trial, event.time);
  if (state === "complete") {
    trial.completion = study.byState.complete.size;
    trial.failure = undefined;
  }
  enter(study, trial, state);
  if (state === "complete" && study.definition.replicates !== undefined)
    study.bestReported = betterOf(
      study.bestReported,
      goalValue(trial, study.definition.goal),
      study.definition.goal,
    );
  if (state !== "waiting" && state !== "failed") noteLead(study, trial);
  return trial;
}

function finish(study: StudyRecord, event: Finished & { readonly time: number }): void {
  const trial = endAttempt(study, event, event.state);
  trial.unspared = event.unspared === true;
  const hold = study.held.get(event.trial) ?? study.halt;
  if (event.state === "stopped" && hold?.action === "stop") stopByRequest(study, trial, hold);
  study.held.delete(event.trial);
}

function pause(study: StudyRecord, event: Paused & { readonly time: number }): void {
  const trial = endAttempt(study, event, "paused");
  trial.pauses.push(lastStep(trial));
  trial.parked = event.parked === true;
  timePause(trial);
}

function replicate(study: StudyRecord, event: Replicated & { readonly time: number }): void {
  const trial = endAttempt(study, event, "waiting");
  trial.replicates.push({ seed: event.seed, curve: { steps: [], metrics: new Map() } });
  trial.snapshot = undefined;
  trial.bestSnapshot = undefined;
  trial.failure = undefined;
}

function wake(study: StudyRecord, trial: TrialRecord, expected: TrialState): void {
  if (trial.state !== expected) corrupt(study, `trial ${trial.number} is ${trial.state}, not ${expected}`);
  if (expected === "failed") trial.failures = 0;
  trial.endedAt = undefined;
  trial.decision = undefined;
  enter(study, trial, "waiting");
}

function resume(study: StudyRecord, trial: TrialRecord, { exploit }: Resumed): void {
  wake(study, trial, exploit !== undefined && trial.state === "failed" ? "failed" : "paused");
  trial.exploiting = pending(study, exploit);
}

function inherit(study: StudyRecord, trial: TrialRecord, event: Exploited): void {
  const parent = trialOf(study, event.parent);
  const { steps, metrics } = trial.curve;
  const reached = presentValue(trial, study.definition.goal) ?? Number.NaN;
  trial.inheritances.push({
    at: lastStep(trial),
    reached: Number.isFinite(reached) ? reached : null,
    parent: event.parent,
    parentInheritances: trial.exploiting?.parentInheritances ?? parent.inheritances.length,
    step: event.step,
    value: event.value,
    before: trial.params,
  });
  const kept = steps.findLastIndex((step) => step <= event.step) + 1;
  steps.length = kept;
  for (const column of metrics.values()) column.length = kept;
  trial.params = Object.freeze(ownParams(study.definition.space, event.params));
  noteFit(study, trial);
  trial.snapshot = snapshotOf(event);
  // Its report is no longer part of the curve.
  if (trial.bestSnapshot !== undefined && trial.bestSnapshot.step > event.step)
    trial.bestSnapshot = undefined;
  trial.exploiting = undefined;
  trial.decision = undefined;
}

function keepOwn(study: StudyRecord, trial: TrialRecord, event: ExploitFailed): void {
  const parent = trialOf(study, event.parent);
  const isSame =
    parent.snapshot?.path === event.path && parent.snapshot.digest === trial.exploiting?.snapshot.digest;
  if (isSame && event.sourceIntact !== true) parent.snapshot = undefined;
  trial.exploiting = undefined;
  trial.decision = undefined;
}

function fail(study: StudyRecord, event: Failed & { readonly time: number }): void {
  const trial = endAttempt(study, event, event.retry ? "waiting" : "failed");
  trial.failures += 1;
  trial.failure = { ...event.error, output: event.output };
  if (!event.retry) study.held.delete(event.trial);
}

function welcome(study: StudyRecord, event: WorkerJoined & { readonly time: number }): void {
  const { type: _type, worker: name, time: joinedAt, ...others } = event;
  study.formerWorkers.delete(name);
  study.workers.set(name, { name, ...others, joinedAt });
}

function dismiss(
  study: StudyRecord,
  name: string,
  reason: FormerWorker["reason"],
  message: string,
  goneAt: number,
): void {
  const worker = study.workers.get(name);
  if (worker === undefined) return;
  study.workers.delete(name);
  study.formerWorkers.set(name, { ...worker, reason, message, goneAt });
  const [oldest] = study.formerWorkers.keys();
  if (oldest !== undefined && study.formerWorkers.size > MAX_FORMER_WORKERS)
    study.formerWorkers.delete(oldest);
}

function addNote(
  study: StudyRecord,
  note: Omit<StudyNote, "trial" | "hint" | "by"> & Partial<StudyNote>,
): void {
  const { trial, code, message, hint, by, time } = note;
  const kept: EveryField<StudyNote> = { trial, code, message, hint, by, time };
  study.notes.push(kept);
  if (study.notes.length > MAX_NOTES) study.notes.shift();
}
