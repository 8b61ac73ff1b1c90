import { expect } from "vitest";
import type { Goal } from "../../core/goal.js";
import type { Scheduler } from "../../core/scheduler.js";
import { sampleParams } from "../../core/search-space.js";
import type { Study } from "../../core/study.js";
import { type StudyRecord, studyRecord } from "../../core/study-fold.js";
import { encodeTransferred } from "../../core/transferred-study.js";
import { lastStep } from "../../core/trial.js";
import { createRandom } from "../../math/random.js";
import { earlierStudies } from "../earlier-studies.js";
import type { Law } from "../laws.js";
import { SIMULATED_SPACE, simulatedDefinition } from "../simulated-study.js";
import { createStage } from "../stage.js";
import type { SchedulerSubject } from "./simulated-scheduler.js";

/** A purpose of its own keeps these random numbers apart from those of the product. */
const MERITS = 0xffe1;
const MAX_STEPS = 16;
const TRIALS = 24;
const SEEDS = [1, 2, 3, 4] as const;

/** Where a trial stood among others when it was preferred to them, or given up: 0, the best, to 1, the worst. */
interface Standings {
  readonly resumed: number[];
  readonly stopped: number[];
  /** Of each model that was given on: 0 where its trial was the better one, 1 where the heir was. */
  readonly given: number[];
}

interface Outcome {
  readonly study: StudyRecord;
  readonly standings: Standings;
}

/** How good each trial is at all steps, in [0, 1]: the loss of a better one is always lower. */
function meritOf(seed: number, trial: number): number {
  return createRandom(seed, trial, MERITS).uniform();
}

/** The place of a trial among others by merit, of several: 0 to 1. */
function standing(seed: number, trial: number, others: readonly number[]): number | undefined {
  if (others.length < 2) return undefined;
  const better = others.filter((other) => meritOf(seed, other) > meritOf(seed, trial)).length;
  return better / (others.length - 1);
}

/** The trials with which a paused one competes: those that wait at the same step. */
const rivalsOf = ({ byState, trials }: Study, trial: number): number[] => {
  const reached = (number: number): number => {
    const each = trials[number];
    return each === undefined ? 0 : lastStep(each);
  };
  return [...byState.paused].filter((number) => reached(number) === reached(trial));
};

/** Those that reported at a step, the trial itself among them. */
const reachedOf = ({ trials }: Study, step: number): number[] =>
  trials.flatMap((trial) => (trial.curve.steps.includes(step) ? [trial.number] : []));

/** The running trial whose last turn is the longest ago. */
function nextInTurn(running: Iterable<number>, turns: ReadonlyMap<number, number>): number | undefined {
  const turnOf = (trial: number): number => turns.get(trial) ?? -1;
  return [...running].toSorted((a, b) => turnOf(a) - turnOf(b) || a - b)[0];
}

/**
 * A study whose curves fall in parallel and never cross, so that at every step the better trial is plainly the better
 * one; nothing fails. `workers` trainings take turns, one step each.
 */
function play(
  { choice }: SchedulerSubject,
  direction: Goal["direction"],
  seed: number,
  workers: number,
): Outcome {
  const settings = {
    seed,
    inFlight: workers,
    trials: TRIALS,
    maxSteps: MAX_STEPS,
    stride: 1,
    direction,
    trouble: 0,
  } as const;
  const definition = simulatedDefinition(settings, SIMULATED_SPACE);
  const study = studyRecord(definition, 0);
  const standings: Standings = { resumed: [], stopped: [], given: [] };
  const add = (to: number[], place: number | undefined): void => {
    if (place !== undefined) to.push(place);
  };
  const give = (parent: number, heir: number): void => {
    standings.given.push(meritOf(seed, parent) > meritOf(seed, heir) ? 0 : 1);
  };
  const scheduler = choice.create({
    goal: definition.goal,
    maxSteps: MAX_STEPS,
    seed,
    space: SIMULATED_SPACE,
  });
  const watched: Scheduler = {
    ...scheduler,
    restore: (opened) => scheduler.restore(opened),
    observe: (event, now) => scheduler.observe(event, now),
    decide: (trial, step, now) => {
      const decision = scheduler.decide(trial, step, now);
      if (decision.action === "stop")
        add(standings.stopped, standing(seed, trial.number, reachedOf(now, step)));
      if (decision.action === "exploit") give(decision.exploit.parent, trial.number);
      return decision;
    },
    resume: (now, isEnding) => {
      const answer = scheduler.resume?.(now, isEnding);
      if (answer?.exploit !== undefined) give(answer.exploit.parent, answer.trial);
      else if (answer !== undefined && scheduler.population === undefined) {
        add(standings.resumed, standing(seed, answer.trial, rivalsOf(now, answer.trial)));
      }
      return answer;
    },
  };
  const stage = createStage({
    study,
    sampler: { ask: (_trial, random) => sampleParams(SIMULATED_SPACE, random) },
    scheduler: watched,
  });
  for (const each of earlierStudies(settings, scheduler.transfer?.studies ?? [])) {
    stage.push(encodeTransferred(each));
  }
  const sign = direction === "minimize" ? 1 : -1;
  const metricsAt = (trial: number, step: number): Record<string, number> => {
    const loss = 2 - meritOf(seed, trial) + 2 * Math.exp(-step / 6);
    return { loss: sign * loss, accuracy: 1 / (1 + loss) };
  };
  const { running } = study.byState;
  const turns = new Map<number, number>();
  for (let turn = 0; turn < 100 * TRIALS * MAX_STEPS; turn++) {
    while (running.size < workers && stage.play({ kind: "ask", worker: "w" }));
    const trial = nextInTurn(running, turns);
    if (trial === undefined) break;
    turns.set(trial, turn);
    const now = study.trials[trial];
    const step = now === undefined ? 1 : lastStep(now) + 1;
    if (step > MAX_STEPS || stage.told.has(trial)) {
      stage.play({ kind: "end", trial, end: { kind: "ended" } });
      continue;
    }
    stage.play({ kind: "report", trial, step, metrics: metricsAt(trial, step), inPlace: true });
    if (stage.inheriting.has(trial)) stage.play({ kind: "inherit", trial, lost: false });
    else if (scheduler.snapshotEvery !== undefined) stage.play({ kind: "snapshot", trial, step });
  }
  return { study, standings };
}

const played = new WeakMap<SchedulerSubject, readonly Outcome[]>();

/** The studies of all seeds in both directions; played once, for all laws. */
function outcomes(subject: SchedulerSubject): readonly Outcome[] {
  const known = played.get(subject);
  if (known !== undefined) return known;
  const all = (["minimize", "maximize"] as const).flatMap((direction) =>
    SEEDS.map((seed) => play(subject, direction, seed, seed % 2 === 0 ? 1 : 4)),
  );
  played.set(subject, all);
  return all;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const compares = (subject: SchedulerSubject): boolean => subject.compares !== false;

/** Fewer than so many decisions say nothing. */
const ENOUGH = 10;

/** What is demanded in studies in which it is plain which trial is better. */
export const meritLaws: readonly Law<SchedulerSubject>[] = [
  {
    name: "lets something be trained to its end",
    binds: compares,
    check: (subject) => {
      for (const { study } of outcomes(subject)) expect(study.byState.complete.size).toBeGreaterThan(0);
    },
  },
  {
    name: "resumes the better ones of those that wait at the same step",
    binds: compares,
    check: (subject) => {
      const resumed = outcomes(subject).flatMap(({ standings }) => standings.resumed);
      if (resumed.length >= ENOUGH) expect(mean(resumed)).toBeLessThan(0.5);
    },
  },
  {
    name: "stops the worse ones of those that came as far",
    binds: compares,
    check: (subject) => {
      const stopped = outcomes(subject).flatMap(({ standings }) => standings.stopped);
      if (stopped.length >= ENOUGH) expect(mean(stopped)).toBeGreaterThan(0.5);
    },
  },
  {
    name: "minds the direction of the goal",
    binds: compares,
    check: (subject) => {
      for (const direction of ["minimize", "maximize"] as const) {
        const mine = outcomes(subject).filter(({ study }) => study.definition.goal.direction === direction);
        const resumed = mine.flatMap(({ standings }) => standings.resumed);
        const stopped = mine.flatMap(({ standings }) => standings.stopped);
        if (resumed.length >= ENOUGH) expect([direction, mean(resumed) < 0.5]).toEqual([direction, true]);
        if (stopped.length >= ENOUGH) expect([direction, mean(stopped) > 0.5]).toEqual([direction, true]);
      }
    },
  },
  {
    name: "gives trials the models of better ones",
    check: (subject) => {
      const given = outcomes(subject).flatMap(({ standings }) => standings.given);
      if (given.length >= ENOUGH) expect(mean(given)).toBeLessThan(0.5);
    },
  },
];
