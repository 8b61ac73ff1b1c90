import type { StudyEvent } from "../events.js";
import { fittingStudy } from "../fitting-study.js";
import type { Sampler } from "../sampler.js";
import type { Scheduler } from "../scheduler.js";
import type { Study } from "../study.js";
import { renewsAlgorithms } from "../study-change.js";
import { applyEvent } from "../study-fold.js";
import { type StudyRecord } from "../study-record.js";

/** What conducting a study needs of a sampler. */
export type Proposer = Pick<Sampler, "ask" | "observe" | "restore">;

/**
 * A study under way, with its sampler and scheduler. Whatever conducts a study (the engine, a replay, a verification, a
 * shadow, the simulation of the contract suites) uses the functions of this folder: {@link dispatch} says what a free
 * worker gets, {@link conduct} what a training is told at a report, {@link endingOf} how an attempt ends. They change
 * nothing: they return events, which the caller records and passes to {@link takeEvent}.
 */
export interface Course<S extends Study = Study> {
  readonly study: S;
  /** Proposes the params of new trials; see {@link untilExhausted}. */
  readonly sampler: Proposer;
  readonly scheduler: Scheduler;
}

/** Brings scheduler and sampler up to date with a study that was just opened, before anything else happens in it. */
export function restoreCourse({ study, sampler, scheduler }: Course): void {
  scheduler.restore(study);
  sampler.restore?.(fittingStudy(study));
}

/** Whether an event is a report of a trial's further training, by which neither scheduler nor sampler goes. */
function isOfReplicate({ trials }: Study, event: StudyEvent): boolean {
  return event.type === "reported" && (trials[event.trial]?.replicates.length ?? 0) > 0;
}

/** Shows an event that the study already reflects to the scheduler, then to the sampler. */
export function observeEvent({ study, sampler, scheduler }: Course, event: StudyEvent): void {
  if (isOfReplicate(study, event)) return;
  scheduler.observe(event, study);
  sampler.observe?.(event, fittingStudy(study));
}

/**
 * Applies an event to the study, then shows it to scheduler and sampler.
 *
 * @throws CurvewiseError `LOG_INVALID` when the event cannot follow what came before
 */
export function takeEvent(course: Course<StudyRecord>, event: StudyEvent): void {
  applyEvent(course.study, event);
  observeEvent(course, event);
}

/**
 * The same for a course that follows a log, in which the definition may have been changed so that the scheduler is
 * created again: see {@link renewsAlgorithms}.
 *
 * @param create creates a scheduler for the study's present definition
 * @returns the course from the event on
 */
export function takeOrRenew(
  course: Course<StudyRecord>,
  event: StudyEvent,
  create: () => Scheduler,
): Course<StudyRecord> {
  if (event.type !== "study-changed" || !renewsAlgorithms(event)) {
    takeEvent(course, event);
    return course;
  }
  applyEvent(course.study, event);
  const renewed = { ...course, scheduler: create() };
  renewed.scheduler.restore(renewed.study);
  return renewed;
}

/** A sampler that is not asked again once it had nothing more to propose. */
export interface ExhaustibleProposer extends Proposer {
  /** Whether it was asked and had nothing more. */
  isExhausted(): boolean;
}

export function untilExhausted(sampler: Proposer): ExhaustibleProposer {
  let exhausted = false;
  return {
    isExhausted: () => exhausted,
    restore: (study) => sampler.restore?.(study),
    observe: (event, study) => sampler.observe?.(event, study),
    ask: (trial, random, study) => {
      const params = exhausted ? undefined : sampler.ask(trial, random, study);
      exhausted = params === undefined;
      return params;
    },
  };
}
