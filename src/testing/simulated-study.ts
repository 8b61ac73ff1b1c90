import fc from "fast-check";
import type { Decision } from "../core/decision.js";
import type { EventBody, StudyEvent } from "../core/events.js";
import type { Direction } from "../core/goal.js";
import type { Params } from "../core/param.js";
import { float } from "../core/param.js";
import type { Sampler } from "../core/sampler.js";
import type { Resumption, Scheduler } from "../core/scheduler.js";
import { createSearchSpace, type SearchSpace, sampleParams } from "../core/search-space.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { applyEvent, type StudyRecord, studyRecord } from "../core/study-fold.js";
import { encodeTransferred, type TransferredStudy } from "../core/transferred-study.js";
import { lastStep, type Trial } from "../core/trial.js";
import { createRandom, PURPOSE, type Random } from "../math/random.js";

/** What a simulated study is like. */
export interface SimulationSettings {
  /** All that happens follows from it. */
  readonly seed: number;
  /** Trials that run at the same time, at most. */
  readonly inFlight: number;
  /** Trials that are made, at most. */
  readonly trials: number;
  /** The step at which the simulated programs end; few end earlier. */
  readonly maxSteps: number;
  /** The distance between a program's reports; the last one is at `maxSteps`. */
  readonly stride: number;
  readonly direction: Direction;
  /** The chance that a report leaves out a metric, or has a diverged one. */
  readonly trouble: number;
}

/** Who proposes params and decides; what is left out is done at random. */
export interface SimulationParts {
  readonly space?: SearchSpace;
  readonly sampler?: Sampler;
  readonly scheduler?: Scheduler;
  /** Earlier studies whose curves join the study at its beginning. */
  readonly transferred?: readonly TransferredStudy[];
  /** The chance that a trial is proposed by another sampler than the one under test. */
  readonly foreign?: number;
}

/** Something that the coordinator asked, with the answer. `events`: how many events had happened. */
export type Question =
  | {
      readonly kind: "decide";
      readonly events: number;
      readonly trial: number;
      readonly step: number;
      readonly answer: Decision;
    }
  | {
      readonly kind: "resume";
      readonly events: number;
      readonly isEnding: boolean;
      readonly answer: Resumption | undefined;
    }
  | {
      readonly kind: "ask";
      readonly events: number;
      readonly trial: number;
      readonly answer: Params | undefined;
    };

/** A valid log and the questions that were asked while it grew. */
export interface Simulation {
  readonly settings: SimulationSettings;
  readonly definition: StudyDefinition;
  /** The events after `study-created`. */
  readonly events: readonly StudyEvent[];
  readonly questions: readonly Question[];
}

/**
 * Settings from one trial at a time to 64, from calm studies to troubled ones. Not biased towards small values as
 * fast-check's own numbers are: a study in which little happens puts nothing to the test.
 */
export function simulationSettings(): fc.Arbitrary<SimulationSettings> {
  return fc.record({
    seed: fc.nat(),
    inFlight: fc.constantFrom(1, 2, 4, 8, 16, 64),
    trials: fc.constantFrom(1, 10, 20, 30, 40),
    maxSteps: fc.constantFrom(1, 4, 10, 15, 20),
    stride: fc.constantFrom(1, 1, 1, 2, 3, 7),
    direction: fc.constantFrom("minimize", "maximize"),
    trouble: fc.constantFrom(0, 0.02, 0.2),
  });
}

/** A share of a simulation at which something is cut off or begun anew, evenly from its beginning to its end. */
export function moments(): fc.Arbitrary<number> {
  return fc.noBias(fc.integer({ min: 0, max: 1000 })).map((thousandths) => thousandths / 1000);
}

/** The space of simulated studies that are given none. */
export const SIMULATED_SPACE = createSearchSpace({ rate: float(0, 1) });

/** A purpose of its own keeps the simulation's random numbers apart from those of the product. */
const SIMULATION = 0xfff0;

/** At most so many events, so that a scheduler that pauses and resumes for ever does not hang a test. */
const MAX_EVENTS = 2000;

/** The definition of a simulated study. */
export function simulatedDefinition(settings: SimulationSettings, space: SearchSpace): StudyDefinition {
  return {
    name: "simulated",
    goal: { metric: "loss", direction: settings.direction },
    space: space.params,
    constraints: space.constraints.map(({ name }) => name),
    maxSteps: settings.maxSteps,
    sampler: { name: "simulated", options: {} },
    scheduler: { name: "simulated", options: {} },
    budget: { trials: settings.trials },
    seed: settings.seed,
    retries: 3,
  };
}

/** The curve of a trial's program: loss and accuracy, rounded so that ties happen. */
function metricsAt(settings: SimulationSettings, trial: number, step: number): Record<string, number> {
  const own = createRandom(settings.seed, trial, SIMULATION + 1);
  const floor = own.uniform();
  const speed = 0.5 + 6 * own.uniform();
  const divergesAt =
    own.uniform() < settings.trouble ? own.integer(1, settings.maxSteps) : Number.POSITIVE_INFINITY;
  const sign = settings.direction === "minimize" ? 1 : -1;
  const noise = createRandom(settings.seed, trial * 1000 + step, SIMULATION + 2);
  const value = floor + (1 - floor) * Math.exp((-speed * step) / settings.maxSteps) + 0.05 * noise.uniform();
  const diverged = step >= divergesAt || noise.uniform() < settings.trouble / 4;
  const broken = noise.uniform() < 0.5 ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  // JSON knows no negative zero, so a log does not either.
  const loss = diverged ? broken : sign * Number(value.toFixed(1)) + 0;
  const metrics: Record<string, number> = { accuracy: Number((1 - value).toFixed(2)) };
  if (noise.uniform() >= settings.trouble / 2) metrics["loss"] = loss;
  return metrics;
}

interface Coordinator {
  readonly settings: SimulationSettings;
  readonly parts: SimulationParts;
  readonly space: SearchSpace;
  readonly random: Random;
  readonly study: StudyRecord;
  readonly events: StudyEvent[];
  readonly questions: Question[];
  /** Running trials that were told to pause or stop and have not done so yet. */
  readonly leaving: Map<number, "pause" | "stop" | "exploit">;
  exhausted: boolean;
  time: number;
}

const chance = ({ random }: Coordinator, probability: number): boolean => random.uniform() < probability;

const pick = <T>({ random }: Coordinator, from: Iterable<T>): T | undefined => {
  const all = [...from];
  return all[random.integer(0, Math.max(0, all.length - 1))];
};

function push(coordinator: Coordinator, body: EventBody): void {
  const { study, parts } = coordinator;
  coordinator.time += coordinator.random.integer(0, 2000);
  const event: StudyEvent = { ...body, time: coordinator.time };
  applyEvent(study, event);
  coordinator.events.push(event);
  parts.sampler?.observe?.(event, study);
  parts.scheduler?.observe(event, study);
}

function askTrial(coordinator: Coordinator): boolean {
  const { study, parts, questions, settings, space } = coordinator;
  const trial = study.trials.length;
  const most = Math.min(settings.trials, parts.scheduler?.population ?? settings.trials);
  if (trial >= most || coordinator.exhausted) return false;
  const random = createRandom(settings.seed, trial, PURPOSE.params);
  const isForeign = parts.sampler === undefined || chance(coordinator, parts.foreign ?? 0);
  const params = isForeign ? sampleParams(space, random) : parts.sampler?.ask(trial, random, study);
  if (!isForeign) questions.push({ kind: "ask", events: study.events, trial, answer: params });
  coordinator.exhausted = params === undefined;
  if (params === undefined) return false;
  const sampler = isForeign ? "another" : (study.definition.sampler.name ?? "");
  push(coordinator, { type: "trial-asked", trial, params, seed: trial, sampler });
  return true;
}

function resumeTrial(coordinator: Coordinator, isEnding: boolean): boolean {
  const { study, parts, questions } = coordinator;
  if (parts.scheduler === undefined) {
    if (isEnding) return false;
    const trial = chance(coordinator, 0.3) ? pick(coordinator, study.byState.paused) : undefined;
    if (trial !== undefined) push(coordinator, { type: "resumed", trial });
    return trial !== undefined;
  }
  const answer = parts.scheduler.resume?.(study, isEnding);
  questions.push({ kind: "resume", events: study.events, isEnding, answer });
  if (answer === undefined) return false;
  const state = study.trials[answer.trial]?.state ?? "unknown";
  const isRight = state === "paused" || (state === "failed" && answer.exploit !== undefined);
  if (!isRight) throw new Error(`the scheduler resumed trial ${answer.trial}, which is ${state}`);
  push(coordinator, { type: "resumed", ...answer });
  return true;
}

function useFreeWorker(coordinator: Coordinator): boolean {
  const { study } = coordinator;
  const waiting = pick(coordinator, study.byState.waiting);
  const trial = waiting === undefined ? undefined : study.trials[waiting];
  if (trial !== undefined) {
    inherit(coordinator, trial);
    const fromStep = trial.snapshot?.step ?? 0;
    const worker = `w${coordinator.random.integer(1, 64)}`;
    push(coordinator, {
      type: "attempt-started",
      trial: trial.number,
      attempt: trial.attempt + 1,
      worker,
      fromStep,
    });
    return true;
  }
  if (resumeTrial(coordinator, false) || askTrial(coordinator)) return true;
  if (study.byState.running.size === 0 && resumeTrial(coordinator, true)) return true;
  const failed = chance(coordinator, 0.3) ? pick(coordinator, study.byState.failed) : undefined;
  if (failed !== undefined) push(coordinator, { type: "retried", trial: failed });
  return failed !== undefined;
}

/** Carries out the exploit that was decided for a trial, if one was; at times the parent's snapshot is lost. */
function inherit(coordinator: Coordinator, { number: trial, exploiting }: Trial): boolean {
  if (exploiting === undefined) return false;
  const { parent, snapshot, value, params } = exploiting;
  const { step, path, digest } = snapshot;
  if (chance(coordinator, 0.05)) {
    push(coordinator, { type: "exploit-failed", trial, parent, path, reason: "it is gone" });
    return false;
  }
  push(coordinator, {
    type: "exploited",
    trial,
    parent,
    step,
    value,
    path: `t${trial}/${path}`,
    digest,
    params,
  });
  return true;
}

function decideAtRandom(coordinator: Coordinator): Decision {
  const explanation = { rule: "simulated", reason: "By chance.", values: {} };
  if (chance(coordinator, 0.1)) return { action: "pause", explanation };
  if (chance(coordinator, 0.05)) return { action: "stop", explanation };
  return { action: "continue" };
}

function report(coordinator: Coordinator, trial: Trial): void {
  const { settings, study, parts, questions } = coordinator;
  const last = lastStep(trial);
  const { number, attempt } = trial;
  const step = Math.min(last + settings.stride, Math.max(settings.maxSteps, last + 1));
  push(coordinator, {
    type: "reported",
    trial: number,
    attempt,
    step,
    metrics: metricsAt(settings, number, step),
  });
  const decision = parts.scheduler?.decide(trial, step, study) ?? decideAtRandom(coordinator);
  if (parts.scheduler !== undefined) {
    questions.push({ kind: "decide", events: study.events, trial: number, step, answer: decision });
  }
  const { action, explanation } = decision;
  const exploit = decision.action === "exploit" ? { exploit: decision.exploit } : {};
  if (explanation !== undefined)
    push(coordinator, { type: "decided", trial: number, attempt, step, action, explanation, ...exploit });
  if (action !== "continue") coordinator.leaving.set(number, action);
}

function leave(coordinator: Coordinator, trial: Trial, action: "pause" | "stop" | "exploit"): void {
  const { number, attempt } = trial;
  coordinator.leaving.delete(number);
  // A training that can take another's model in place goes on; the others end, and begin again in their turn.
  if (action === "exploit" && (!inherit(coordinator, trial) || chance(coordinator, 0.5))) return;
  if (action !== "stop") push(coordinator, { type: "paused", trial: number, attempt });
  else push(coordinator, { type: "finished", trial: number, attempt, state: "stopped" });
}

function mishap(coordinator: Coordinator, trial: Trial): boolean {
  const { number, attempt } = trial;
  const last = lastStep(trial);
  if (chance(coordinator, 0.02)) {
    coordinator.leaving.delete(number);
    const error = { code: "PROGRAM_FAILED", message: "exit code 1" };
    push(coordinator, {
      type: "failed",
      trial: number,
      attempt,
      error,
      output: ["boom"],
      retry: chance(coordinator, 0.7),
    });
    return true;
  }
  if (chance(coordinator, 0.02)) {
    coordinator.leaving.delete(number);
    push(coordinator, { type: "released", trial: number, attempt, reason: "lost" });
    return true;
  }
  if (attempt > 1 && chance(coordinator, 0.1)) {
    push(coordinator, {
      type: "reported-late",
      trial: number,
      attempt: attempt - 1,
      step: last + 1,
      metrics: { loss: -1000, accuracy: -1000 },
    });
  }
  if (last > 0 && chance(coordinator, 0.1)) {
    const snapshot = { step: last, path: `t${number}/s${last}`, digest: "00", bytes: 1 };
    push(coordinator, { type: "snapshot-saved", trial: number, attempt, ...snapshot });
  }
  if (chance(coordinator, 0.01))
    push(coordinator, { type: "note", code: "NOTE", message: "something happened" });
  return false;
}

function advance(coordinator: Coordinator, trial: Trial): void {
  const { settings } = coordinator;
  if (mishap(coordinator, trial)) return;
  const action = coordinator.leaving.get(trial.number);
  if (action !== undefined) {
    leave(coordinator, trial, action);
    return;
  }
  const last = lastStep(trial);
  if (last >= settings.maxSteps || (last > 0 && chance(coordinator, 0.01))) {
    push(coordinator, { type: "finished", trial: trial.number, attempt: trial.attempt, state: "complete" });
  } else report(coordinator, trial);
}

/**
 * Runs a coordinator without a clock, workers or programs: trials in flight report in a random order, fail, are
 * given back, retried, paused and resumed, and every event follows from the seed and the answers of the sampler
 * and scheduler. Those must be new; they are restored from the empty study first.
 */
export function simulateStudy(settings: SimulationSettings, parts: SimulationParts = {}): Simulation {
  const space = parts.space ?? SIMULATED_SPACE;
  const definition = simulatedDefinition(settings, space);
  return simulate(settings, parts, space, definition);
}

/** Like {@link simulateStudy}, with the sampler's own name in the log. */
export function simulateSampler(
  settings: SimulationSettings,
  name: string,
  parts: SimulationParts & { readonly space: SearchSpace; readonly sampler: Sampler },
): Simulation {
  const definition = { ...simulatedDefinition(settings, parts.space), sampler: { name, options: {} } };
  return simulate(settings, parts, parts.space, definition);
}

function simulate(
  settings: SimulationSettings,
  parts: SimulationParts,
  space: SearchSpace,
  definition: StudyDefinition,
): Simulation {
  const coordinator: Coordinator = {
    settings,
    parts,
    space,
    random: createRandom(settings.seed, 0, SIMULATION),
    study: studyRecord(definition, 0),
    events: [],
    questions: [],
    leaving: new Map(),
    exhausted: false,
    time: 0,
  };
  const { study, events, questions } = coordinator;
  parts.sampler?.restore?.(study);
  parts.scheduler?.restore(study);
  for (const each of parts.transferred ?? []) push(coordinator, encodeTransferred(each));
  while (events.length < MAX_EVENTS) {
    const { running } = study.byState;
    const hasFreeWorker = running.size < settings.inFlight;
    if (hasFreeWorker && (running.size === 0 || chance(coordinator, 0.5)) && useFreeWorker(coordinator))
      continue;
    const number = pick(coordinator, running);
    const trial = number === undefined ? undefined : study.trials[number];
    if (trial === undefined) break;
    advance(coordinator, trial);
  }
  return { settings, definition, events, questions };
}
