import type { Decision } from "../core/decision.js";
import type { StudyEvent } from "../core/events.js";
import type { Resumption, Scheduler, SchedulerChoice } from "../core/scheduler.js";
import { type Constraint, createSearchSpace } from "../core/search-space.js";
import { applyEvent, beginStudy, type StudyRecord } from "../core/study-fold.js";

/** A place in a log at which a scheduler answers otherwise than was recorded. */
export interface DecisionDifference {
  /** The event's place in the log, from 1. */
  readonly event: number;
  readonly trial: number;
  /** The step of the report; undefined where a paused trial or a new one was to be chosen. */
  readonly step: number | undefined;
  /** What the log says; a `continue` without explanation where nothing was recorded. */
  readonly recorded: Decision | Resumption | undefined;
  readonly replayed: Decision | Resumption | undefined;
}

/** What {@link verifyStudy} found. */
export interface Verification {
  /** Answers that were compared: at reports, at resumptions, and at new trials, where none was to be resumed. */
  readonly compared: number;
  /** Empty when the scheduler answers as it did. */
  readonly differences: readonly DecisionDifference[];
}

/** A value with the keys of all objects in one order, as text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

interface Verifier {
  readonly events: readonly StudyEvent[];
  readonly study: StudyRecord;
  readonly scheduler: Scheduler;
  readonly differences: DecisionDifference[];
  compared: number;
}

function compare(
  verifier: Verifier,
  place: Pick<DecisionDifference, "event" | "trial" | "step">,
  recorded: DecisionDifference["recorded"],
  replayed: DecisionDifference["replayed"],
): void {
  verifier.compared += 1;
  if (canonical(recorded) !== canonical(replayed))
    verifier.differences.push({ ...place, recorded, replayed });
}

function resumptionOf(event: StudyEvent): Resumption | undefined {
  if (event.type !== "resumed" || event.explanation === undefined) return undefined;
  const { trial, explanation, exploit } = event;
  return { trial, explanation, ...(exploit === undefined ? {} : { exploit }) };
}

function decisionOf(
  event: StudyEvent,
  { trial, step }: { readonly trial: number; readonly step: number },
): Decision {
  if (event.type !== "decided" || event.trial !== trial || event.step !== step) return { action: "continue" };
  const { action, explanation, exploit } = event;
  if (action !== "exploit") return { action, explanation };
  return exploit === undefined ? { action: "continue" } : { action, explanation, exploit };
}

/** Before a trial is resumed or made, the scheduler was asked which one goes on. */
function checkResumption(verifier: Verifier, event: StudyEvent, index: number): void {
  const { study, scheduler } = verifier;
  const isNew = event.type === "trial-asked" && event.sampler !== "enqueue";
  if (event.type !== "resumed" && !isNew) return;
  const { trial } = event;
  const recorded = resumptionOf(event);
  // A trial that was resumed although there was none at first: the study would have ended otherwise.
  const isIdle = study.byState.running.size === 0 && study.byState.waiting.size === 0;
  const replayed =
    scheduler.resume?.(study, false) ?? (isNew || !isIdle ? undefined : scheduler.resume?.(study, true));
  compare(verifier, { event: index + 1, trial, step: undefined }, recorded, replayed);
}

/** After a report, the scheduler was asked how the trial goes on, except at the last step. */
function checkDecision(verifier: Verifier, event: StudyEvent, index: number): void {
  const { study, scheduler, events } = verifier;
  if (event.type !== "reported" || event.step === study.definition.maxSteps) return;
  const trial = study.trials[event.trial];
  if (trial === undefined) return;
  const replayed = scheduler.decide(trial, event.step, study);
  const next = events[index + 1];
  // Where the coordinator was killed, or works just now, the decision is not in the log.
  if (next === undefined || next.type === "study-opened") return;
  const recorded = decisionOf(next, event);
  compare(verifier, { event: index + 1, trial: event.trial, step: event.step }, recorded, replayed);
}

/**
 * Feeds a study's own log to a new scheduler, event for event, and compares each answer with what was recorded. With
 * the study's own scheduler there is no difference, however many workers there were: a decision follows from the events
 * before it, in their order.
 *
 * @param events all of them, in order
 * @param constraints those of the search space, for schedulers that change params; the log has only their names
 * @throws CurvewiseError `LOG_INVALID`
 */
export function verifyStudy(
  events: readonly StudyEvent[],
  choice: SchedulerChoice,
  constraints: readonly Constraint[] = [],
): Verification {
  const [created, ...rest] = events;
  if (created === undefined) return { compared: 0, differences: [] };
  const study = beginStudy(created);
  const { goal, maxSteps, seed, space } = study.definition;
  const scheduler = choice.create({ goal, maxSteps, seed, space: createSearchSpace(space, constraints) });
  scheduler.restore(study);
  const verifier: Verifier = { events, study, scheduler, differences: [], compared: 0 };
  for (const [index, event] of rest.entries()) {
    checkResumption(verifier, event, index + 1);
    applyEvent(study, event);
    scheduler.observe(event, study);
    checkDecision(verifier, event, index + 1);
  }
  return { compared: verifier.compared, differences: verifier.differences };
}
