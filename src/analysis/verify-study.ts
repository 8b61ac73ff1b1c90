import { conduct } from "../core/course/conduct.js";
import { type Course, type Proposer, restoreCourse, takeEvent } from "../core/course/course.js";
import { dispatch } from "../core/course/dispatch.js";
import { type Decision, neighbourEnd } from "../core/decision.js";
import type { EventBody, StudyEvent, TrialAsked } from "../core/events.js";
import type { Resumption, SchedulerChoice } from "../core/scheduler.js";
import { type Constraint, createSearchSpace } from "../core/search-space.js";
import { beginStudy, type StudyRecord } from "../core/study-fold.js";

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

/** An answer whose neighbours' ends have one name, since older logs have forecasts as `performance`. */
function unspelled(answer: DecisionDifference["recorded"]): unknown {
  const neighbours = answer?.explanation?.neighbours?.map(({ trial, study, distance, ...end }) => ({
    trial,
    study,
    distance,
    end: neighbourEnd(end),
  }));
  return neighbours === undefined
    ? answer
    : { ...answer, explanation: { ...answer?.explanation, neighbours } };
}

interface Verifier {
  readonly events: readonly StudyEvent[];
  readonly course: Course<StudyRecord>;
  readonly proposals: RecordedProposals;
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
  if (canonical(unspelled(recorded)) !== canonical(unspelled(replayed)))
    verifier.differences.push({ ...place, recorded, replayed });
}

/** Proposes what was proposed: the trial that the log has next, if it has one next. */
interface RecordedProposals extends Proposer {
  next: TrialAsked | undefined;
}

function recordedProposals(): RecordedProposals {
  const proposals: RecordedProposals = { next: undefined, ask: () => proposals.next?.params };
  return proposals;
}

function resumptionOf(event: EventBody | undefined): Resumption | undefined {
  if (event?.type !== "resumed" || event.explanation === undefined) return undefined;
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

/** Before a trial was resumed or made, a worker was free: what it gets is compared with what it got. */
function checkDispatch(verifier: Verifier, event: StudyEvent, index: number): void {
  if (event.type !== "resumed" && (event.type !== "trial-asked" || event.sampler === "enqueue")) return;
  const { course, proposals } = verifier;
  proposals.next = event.type === "resumed" ? undefined : event;
  // Those that wait were handed out already, or they would have been handed out now.
  const dispatched = dispatch(course, new Set(course.study.byState.waiting));
  const place = { event: index + 1, trial: event.trial, step: undefined };
  compare(verifier, place, resumptionOf(event), resumptionOf(dispatched?.event));
}

/** After a report, what the trial is told is compared with what it was told. */
function checkDecision(verifier: Verifier, event: StudyEvent, index: number): void {
  const { course, events } = verifier;
  const { study } = course;
  if (event.type !== "reported" || event.step === study.definition.maxSteps) return;
  const trial = study.trials[event.trial];
  if (trial === undefined) return;
  const { decision } = conduct(course, trial, event.step);
  const next = events[index + 1];
  // Where the coordinator was killed, or works just now, the decision is not in the log.
  if (next === undefined || next.type === "study-opened") return;
  const recorded = decisionOf(next, event);
  compare(verifier, { event: index + 1, trial: event.trial, step: event.step }, recorded, decision);
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
  const proposals = recordedProposals();
  const course = { study, sampler: proposals, scheduler };
  restoreCourse(course);
  const verifier: Verifier = { events, course, proposals, differences: [], compared: 0 };
  for (const [index, event] of rest.entries()) {
    checkDispatch(verifier, event, index + 1);
    takeEvent(course, event);
    checkDecision(verifier, event, index + 1);
  }
  return { compared: verifier.compared, differences: verifier.differences };
}
