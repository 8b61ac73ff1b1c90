import { conduct } from "../core/course/conduct.js";
import { type Course, type Proposer, restoreCourse, takeOrRenew } from "../core/course/course.js";
import { dispatch, freeWaiting } from "../core/course/dispatch.js";
import { type Decision, neighbourEnd } from "../core/decision.js";
import type { EventBody, StudyEvent, TrialAsked } from "../core/events.js";
import { REQUEST_RULE } from "../core/request.js";
import type { Resumption, Scheduler, SchedulerChoice } from "../core/scheduler.js";
import { type Constraint, createSearchSpace } from "../core/search-space.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { beginStudy } from "../core/study-fold.js";
import { type StudyRecord } from "../core/study-record.js";

/** A place in a log at which a scheduler's answer differs from the recorded one. */
export interface DecisionDifference {
  /** The event's place in the log, from 1. */
  readonly event: number;
  readonly trial: number;
  /** The step of the report; undefined if a paused or new trial was to be chosen. */
  readonly step: number | undefined;
  /** What the log says; a `continue` without explanation if nothing was recorded. */
  readonly recorded: Decision | Resumption | undefined;
  readonly replayed: Decision | Resumption | undefined;
}

/** What {@link verifyStudy} found. */
export interface Verification {
  /** How many answers were compared: at reports, at resumptions, and at new trials, when none was to be resumed. */
  readonly compared: number;
  /** Empty if the scheduler gives the same answers as before. */
  readonly differences: readonly DecisionDifference[];
}

/** Numbers of explanations may differ by this share: sums are added up in another order from version to version. */
const ROUNDING = 1e-9;

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Whether two values are the same, but for the order of keys and for rounding. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one === "number" && typeof other === "number") {
    return Math.abs(one - other) <= ROUNDING * Math.max(Math.abs(one), Math.abs(other));
  }
  if (!isObject(one) || !isObject(other)) return one === other;
  const [mine, theirs] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return (
    Array.isArray(one) === Array.isArray(other) &&
    mine.size === theirs.size &&
    [...mine].every(([key, value]) => theirs.has(key) && isSame(value, theirs.get(key)))
  );
}

/** An answer as a log would have it. */
const asLogged = (answer: unknown): unknown =>
  answer === undefined ? undefined : JSON.parse(JSON.stringify(answer));

/**
 * An answer without its reason, whose words change from version to version while its values do not, and with one name for
 * neighbours' ends, since older logs store forecasts as `performance`.
 */
function unspelled(answer: DecisionDifference["recorded"]): unknown {
  if (answer?.explanation === undefined) return answer;
  const { reason: _reason, ...explanation } = answer.explanation;
  const neighbours = explanation.neighbours?.map(({ trial, study, distance, ...end }) => ({
    trial,
    study,
    distance,
    end: neighbourEnd(end),
  }));
  return { ...answer, explanation: neighbours === undefined ? explanation : { ...explanation, neighbours } };
}

/** An answer with those of its values that another one has too: later versions may explain by more of them. */
function withValuesOf(
  answer: DecisionDifference["replayed"],
  other: DecisionDifference["recorded"],
): DecisionDifference["replayed"] {
  if (answer?.explanation === undefined || other?.explanation === undefined) return answer;
  const known = other.explanation.values;
  const values = Object.fromEntries(
    Object.entries(answer.explanation.values).filter(([name]) => Object.hasOwn(known, name)),
  );
  return { ...answer, explanation: { ...answer.explanation, values } };
}

/** Something that depends on the definition that a study had at a moment; by itself: the same for all. */
export type ByDefinition<T> = T | ((definition: StudyDefinition) => T);

/** What belongs to one of the definitions that a study had. */
const ofDefinition = (
  choice: ByDefinition<SchedulerChoice>,
  constraints: ByDefinition<readonly Constraint[]>,
  definition: StudyDefinition,
): Scheduler => {
  const { goal, maxSteps, seed, space } = definition;
  const chosen = typeof choice === "function" ? choice(definition) : choice;
  const known = typeof constraints === "function" ? constraints(definition) : constraints;
  return chosen.create({ goal, maxSteps, seed, space: createSearchSpace(space, known) });
};

interface Verifier {
  readonly events: readonly StudyEvent[];
  course: Course<StudyRecord>;
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
  const alike = withValuesOf(replayed, recorded);
  if (!isSame(asLogged(unspelled(recorded)), asLogged(unspelled(alike))))
    verifier.differences.push({ ...place, recorded, replayed });
}

/** Proposes what was proposed: the next trial in the log, if a trial comes next. */
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

/** Before a trial was resumed or created, a worker was free: compares what it would get with what it got. */
function checkDispatch(verifier: Verifier, event: StudyEvent, index: number): void {
  if (event.type !== "resumed" && (event.type !== "trial-asked" || event.sampler === "enqueue")) return;
  // Somebody's request, not the scheduler's choice.
  if (event.type === "resumed" && event.explanation?.rule === REQUEST_RULE) return;
  const { course, proposals } = verifier;
  proposals.next = event.type === "resumed" ? undefined : event;
  // Waiting trials must already have been handed out, or they would be handed out now.
  const dispatched = dispatch(course, new Set(freeWaiting(course.study)));
  const place = { event: index + 1, trial: event.trial, step: undefined };
  compare(verifier, place, resumptionOf(event), resumptionOf(dispatched?.event));
}

/** After a report, compares what the trial would be told with what it was told. */
function checkDecision(verifier: Verifier, event: StudyEvent, index: number): void {
  const { course, events } = verifier;
  const { study } = course;
  if (event.type !== "reported" || event.step === study.definition.maxSteps) return;
  const trial = study.trials[event.trial];
  if (trial === undefined) return;
  const { decision } = conduct(course, trial, event.step);
  const next = events[index + 1];
  // If the coordinator was killed, or is running just now, the decision may not be in the log.
  if (next === undefined || next.type === "study-opened") return;
  const recorded = decisionOf(next, event);
  compare(verifier, { event: index + 1, trial: event.trial, step: event.step }, recorded, decision);
}

/**
 * Feeds a study's own log to a new scheduler, event for event, and compares each answer with what was recorded. With
 * the study's own scheduler there are no differences, however many workers there were: a decision follows from the
 * events before it, in their order. Where the study's definition was changed so that algorithms are created again (see
 * `renewsAlgorithms`), so is the scheduler.
 *
 * @param events the whole log, in order
 * @param choice the scheduler, for each definition that the study had
 * @param constraints the search space's, for schedulers that change params; the log has only their names
 * @throws CurvewiseError `LOG_INVALID`
 */
export function verifyStudy(
  events: readonly StudyEvent[],
  choice: ByDefinition<SchedulerChoice>,
  constraints: ByDefinition<readonly Constraint[]> = [],
): Verification {
  const [first, ...rest] = events;
  if (first === undefined) return { compared: 0, differences: [] };
  const study = beginStudy(first);
  const created = (): Scheduler => ofDefinition(choice, constraints, study.definition);
  const proposals = recordedProposals();
  const course = { study, sampler: proposals, scheduler: created() };
  restoreCourse(course);
  const verifier: Verifier = { events, course, proposals, differences: [], compared: 0 };
  for (const [index, event] of rest.entries()) {
    checkDispatch(verifier, event, index + 1);
    verifier.course = takeOrRenew(verifier.course, event, created);
    checkDecision(verifier, event, index + 1);
  }
  return { compared: verifier.compared, differences: verifier.differences };
}
