import { expect } from "vitest";
import type { Direction } from "../../core/goal.js";
import type { Law } from "../laws.js";
import { type CalmStudy, calmStudies, type MetricsAt, type Standings, studyReporting } from "./calm-study.js";
import type { SchedulerSubject } from "./simulated-scheduler.js";

/** Fewer decisions than this say nothing. */
const ENOUGH = 5;

/** The highest average standing allowed. Chance gives 0.5; schedulers that judge well get below 0.2. */
const AHEAD = 0.3;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The average standing of the preferred trials, from 0, the best; 0 if there are too few to tell. */
function placeOf(studies: readonly CalmStudy[], kind: keyof Standings): number {
  const places = studies.flatMap(({ standings }) => standings[kind]);
  return places.length < ENOUGH ? 0 : mean(kind === "stopped" ? places.map((place) => 1 - place) : places);
}

const towards = ({ choice }: SchedulerSubject, direction: Direction): CalmStudy[] =>
  calmStudies(choice).filter((study) => study.direction === direction);

const compares = (subject: SchedulerSubject): boolean => subject.compares !== false;

/** Trainings whose reports teach nothing. */
const IN_VAIN: readonly MetricsAt[] = [
  () => ({ seconds: 1 }),
  () => ({ loss: Number.NaN, accuracy: Number.NaN }),
  () => ({ loss: Number.POSITIVE_INFINITY, accuracy: Number.NEGATIVE_INFINITY }),
  () => ({ loss: 0.5, accuracy: 0.5 }),
];

/** Laws for studies in which it is clear which trial is better, or that nothing can be known. */
export const meritLaws: readonly Law<SchedulerSubject>[] = [
  {
    name: "lets some trial be trained to its end",
    binds: compares,
    check: ({ choice }) => {
      const complete = calmStudies(choice).map(({ study }) => study.byState.complete.size);
      expect(Math.min(...complete)).toBeGreaterThan(0);
    },
  },
  {
    name: "resumes the better trials among those waiting at the same step",
    binds: compares,
    check: (subject) => expect(placeOf(towards(subject, "minimize"), "resumed")).toBeLessThan(AHEAD),
  },
  {
    name: "stops the worse trials among those that got equally far",
    binds: compares,
    check: (subject) => expect(placeOf(towards(subject, "minimize"), "stopped")).toBeLessThan(AHEAD),
  },
  {
    name: "gives trials the models of better ones",
    check: (subject) => expect(placeOf(towards(subject, "minimize"), "given")).toBeLessThan(AHEAD),
  },
  {
    name: "respects the direction of the goal",
    binds: compares,
    check: (subject) => {
      const studies = towards(subject, "maximize");
      for (const kind of ["resumed", "stopped", "given"] as const) {
        expect(placeOf(studies, kind)).toBeLessThan(AHEAD);
      }
    },
  },
  {
    name: "stops no trial about which nothing is known",
    binds: compares,
    check: ({ choice }) => {
      const study = studyReporting(choice, () => ({ seconds: 1 }));
      expect([...study.byState.stopped]).toEqual([]);
    },
  },
  {
    name: "tolerates trainings that report no goal, diverge or all report the same values",
    check: ({ choice }) => {
      for (const metricsAt of IN_VAIN) {
        const { byState } = studyReporting(choice, metricsAt);
        expect(byState.running.size + byState.waiting.size).toBe(0);
      }
    },
  },
];
