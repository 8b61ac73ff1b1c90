import fc from "fast-check";
import { type Proposer, untilExhausted } from "../core/course/course.js";
import type { Decision } from "../core/decision.js";
import { sampleParams } from "../core/draw/sample-params.js";
import type { StudyEvent } from "../core/events.js";
import type { Direction, Goal } from "../core/goal.js";
import { float } from "../core/param.js";
import type { StudyAction } from "../core/request.js";
import type { Sampler } from "../core/sampler.js";
import type { Scheduler } from "../core/scheduler.js";
import { createSearchSpace, type SearchSpace } from "../core/search-space.js";
import type { Study, TransferredStudy } from "../core/study.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { studyRecord, type TrialRecord } from "../core/study-record.js";
import { encodeTransferred } from "../core/transferred-study.js";
import { lastStep } from "../core/trial.js";
import { createRandom, type Random } from "../math/random.js";
import { canSave, createStage, type Move, type Question, type Stage } from "./stage.js";

/** Settings of a simulated study. */
export interface SimulationSettings {
  /** Determines everything that happens. */
  readonly seed: number;
  /** The maximum number of trials that run at the same time. */
  readonly inFlight: number;
  /** The maximum number of trials. */
  readonly trials: number;
  /** The step at which simulated programs end; a few end earlier. */
  readonly maxSteps: number;
  /** The distance between a program's reports; the last one is at `maxSteps`. */
  readonly stride: number;
  readonly direction: Direction;
  /** The probability that a report lacks a metric or has a diverged one. */
  readonly trouble: number;
}

/** What proposes params and decides; parts left out act at random. */
export interface SimulationParts {
  readonly space?: SearchSpace;
  readonly sampler?: Sampler;
  readonly scheduler?: Scheduler;
  /** Earlier studies whose curves are added to the study at its beginning. */
  readonly transferred?: readonly TransferredStudy[];
  /** The probability that a trial is proposed by a sampler other than the one under test. */
  readonly foreign?: number;
  /** The probability, at each move, that trainings are asked to save and end. */
  readonly interrupted?: number;
  /** The probability, at each move, that somebody asks something of the study or a trial. */
  readonly requests?: number;
  /** The probability that a snapshot is gone when another trial should go on with it; by default 0.05. */
  readonly lost?: number;
  /** Whether exploits are carried out as soon as they are decided, so that nothing happens in between. */
  readonly prompt?: boolean;
  /** Called after each event. */
  readonly onEvent?: (event: StudyEvent) => void;
}

/** A valid log and the questions asked while it grew. */
export interface Simulation {
  readonly settings: SimulationSettings;
  readonly definition: StudyDefinition;
  /** The events after `study-created`. */
  readonly events: readonly StudyEvent[];
  readonly questions: readonly Question[];
  /** Everything that happened from outside. */
  readonly moves: readonly Move[];
}

/**
 * Settings from one trial at a time to 64, from calm studies to troubled ones. Unlike fast-check's own numbers, not
 * biased towards small values: a study in which little happens tests nothing.
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

/** A place in a simulation, as a share, at which it is cut off or restarted; uniform from beginning to end. */
export function moments(): fc.Arbitrary<number> {
  return fc.noBias(fc.integer({ min: 0, max: 1000 })).map((thousandths) => thousandths / 1000);
}

/** The default space of simulated studies. */
export const SIMULATED_SPACE = createSearchSpace({ rate: float(0, 1) });

/** A separate purpose keeps the simulation's random numbers apart from the product's. */
const SIMULATION = 0xfff0;

/** The maximum number of events, so that a scheduler that pauses and resumes forever does not hang a test. */
const MAX_EVENTS = 2000;

/** The goal of a simulated study: in every other one the best report counts. */
export function simulatedGoal({ direction, seed }: Pick<SimulationSettings, "direction" | "seed">): Goal {
  return { metric: "loss", direction, of: seed % 2 === 0 ? "last" : "best" };
}

/** The definition of a simulated study. */
export function simulatedDefinition(settings: SimulationSettings, space: SearchSpace): StudyDefinition {
  return {
    name: "simulated",
    goal: simulatedGoal(settings),
    space: space.params,
    constraints: space.constraints.map(({ name }) => name),
    maxSteps: settings.maxSteps,
    sampler: { name: "simulated", options: {} },
    scheduler: { name: "simulated", options: {} },
    budget: { trials: settings.trials },
    seed: settings.seed,
    retries: settings.seed % 3,
  };
}

/** The curve of a trial's program: loss and accuracy, rounded so that ties occur. */
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
  // JSON has no negative zero, so a log has none either.
  const loss = diverged ? broken : sign * Number(value.toFixed(1)) + 0;
  const metrics: Record<string, number> = { accuracy: Number((1 - value).toFixed(2)) };
  if (noise.uniform() >= settings.trouble / 2) metrics["loss"] = loss;
  return metrics;
}

interface Simulator {
  readonly settings: SimulationSettings;
  readonly parts: SimulationParts;
  readonly random: Random;
  readonly stage: Stage;
}

const happens = (random: Random, probability: number): boolean => random.uniform() < probability;

const pick = <T>(random: Random, from: Iterable<T>): T | undefined => {
  const all = [...from];
  return all[random.integer(0, Math.max(0, all.length - 1))];
};

/** Proposes params at random, or lets the sampler under test do so and records its questions. */
function watchedSampler(
  { space = SIMULATED_SPACE, sampler, foreign = 0 }: SimulationParts,
  random: Random,
  questions: Question[],
): { readonly proposer: Proposer; readonly isForeign: () => boolean } {
  let isForeign = true;
  const proposer: Proposer = {
    restore: (study) => sampler?.restore?.(study),
    observe: (event, study) => sampler?.observe?.(event, study),
    ask: (trial, stream, study) => {
      isForeign = sampler !== undefined && happens(random, foreign);
      if (sampler === undefined || isForeign) return sampleParams(space, stream);
      const answer = sampler.ask(trial, stream, study);
      questions.push({ kind: "ask", events: study.events, trial, answer });
      return answer;
    },
  };
  return { proposer: untilExhausted(proposer), isForeign: () => isForeign };
}

/** Decides at random. */
function chanceScheduler(random: Random): Scheduler {
  const explanation = { rule: "simulated", reason: "By chance.", values: {} };
  return {
    restore: () => {},
    observe: () => {},
    decide: (): Decision => {
      if (happens(random, 0.1)) return { action: "pause", explanation };
      if (happens(random, 0.05)) return { action: "stop", explanation };
      return { action: "continue" };
    },
    resume: (study, isEnding) => {
      const trial =
        isEnding !== true && happens(random, 0.3) ? pick(random, study.byState.paused) : undefined;
      return trial === undefined ? undefined : { trial, explanation };
    },
  };
}

/** The scheduler under test, with its questions recorded. */
function watchedScheduler(scheduler: Scheduler, questions: Question[]): Scheduler {
  return {
    ...(scheduler.population === undefined ? {} : { population: scheduler.population }),
    restore: (study) => scheduler.restore(study),
    observe: (event, study) => scheduler.observe(event, study),
    decide: (trial, step, study) => {
      const answer = scheduler.decide(trial, step, study);
      questions.push({ kind: "decide", events: study.events, trial: trial.number, step, answer });
      return answer;
    },
    resume: (study: Study, isEnding = false, isClosed = isEnding) => {
      const answer = scheduler.resume?.(study, isEnding, isClosed);
      questions.push({ kind: "resume", events: study.events, isEnding, isClosed, answer });
      const state = answer && (study.trials[answer.trial]?.state ?? "unknown");
      const isRight =
        answer === undefined || state === "paused" || (state === "failed" && answer.exploit !== undefined);
      if (!isRight) throw new Error(`the scheduler resumed trial ${answer.trial}, which is ${state}`);
      return answer;
    },
  };
}

function useFreeWorker({ random, stage }: Simulator): boolean {
  if (stage.play({ kind: "ask", worker: `w${random.integer(1, 64)}` })) return true;
  if (stage.interrupted) return false;
  const { failed } = stage.course.study.byState;
  const trial = happens(random, 0.3) ? pick(random, failed) : undefined;
  return trial !== undefined && stage.play({ kind: "retry", trial });
}

function inherit({ random, stage, parts }: Simulator, trial: number): void {
  stage.play({ kind: "inherit", trial, lost: happens(random, parts.lost ?? 0.05) });
}

const ask = ({ stage }: Simulator, action: StudyAction): boolean =>
  stage.play({ kind: "request", request: { by: "ana", action } });

/** Somebody asks something, which may be refused; a study is seldom stopped. */
function request(simulator: Simulator): void {
  const { random, stage } = simulator;
  const { trials } = stage.course.study;
  const trial = random.integer(0, trials.length);
  const kind = pick(random, ["pause", "pause", "resume", "resume", "stop"] as const) ?? "pause";
  const actions: readonly StudyAction[] = [
    { kind, trial },
    { kind, trial },
    { kind: happens(random, 0.9) && kind === "stop" ? "pause" : kind },
    { kind: "enqueue", params: {} },
    { kind: "note", trial, text: "odd" },
    { kind: "tags", trial, add: ["odd"], remove: ["good"] },
  ];
  const action = pick(random, actions);
  if (action !== undefined) ask(simulator, action);
}

/** Lets what somebody has paused go on; false if there is nothing of the kind. */
function resumeAll(simulator: Simulator): boolean {
  const { halt, held } = simulator.stage.course.study;
  if (halt !== undefined) return ask(simulator, { kind: "resume" });
  const [trial] = held.keys();
  return trial !== undefined && ask(simulator, { kind: "resume", trial });
}

/** A mishap that may strike a running trial; returns true if it ends the attempt. */
function mishap({ random, stage, parts }: Simulator, trial: TrialRecord): boolean {
  const { number, attempt } = trial;
  const last = lastStep(trial);
  if (happens(random, 0.02)) {
    const error = { code: "PROGRAM_FAILED", message: "exit code 1" };
    return stage.play({ kind: "end", trial: number, end: { kind: "failed", error, output: ["boom"] } });
  }
  if (happens(random, 0.02)) {
    return stage.play({ kind: "end", trial: number, end: { kind: "released", reason: "lost" } });
  }
  if (stage.trained.has(`${number}/${attempt - 1}`) && happens(random, 0.1)) {
    const metrics = { loss: -1000, accuracy: -1000 };
    stage.play({ kind: "late", trial: number, attempt: attempt - 1, step: last + 1, metrics });
  }
  if (canSave(stage, trial) && happens(random, 0.1)) {
    stage.play({ kind: "snapshot", trial: number, step: last });
  }
  if (happens(random, 0.01)) stage.play({ kind: "note" });
  if (happens(random, parts.interrupted ?? 0)) stage.play({ kind: "interrupt" });
  return false;
}

function report(simulator: Simulator, { number: trial, curve, inheritances }: TrialRecord): void {
  const { settings, stage, random, parts } = simulator;
  const last = lastStep({ curve, inheritances });
  const step = Math.min(last + settings.stride, Math.max(settings.maxSteps, last + 1));
  const metrics = metricsAt(settings, trial, step);
  stage.play({ kind: "report", trial, step, metrics, inPlace: happens(random, 0.5) });
  if (parts.prompt === true && stage.inheriting.has(trial)) inherit(simulator, trial);
}

function advance(simulator: Simulator, trial: TrialRecord): void {
  const { settings, stage, random } = simulator;
  const { number } = trial;
  if (mishap(simulator, trial)) return;
  const last = lastStep(trial);
  if (stage.inheriting.has(number)) inherit(simulator, number);
  else if (
    stage.told.has(number) ||
    stage.interrupted ||
    last >= settings.maxSteps ||
    (last > 0 && happens(random, 0.01))
  ) {
    stage.play({ kind: "end", trial: number, end: { kind: "ended" } });
  } else report(simulator, trial);
}

/**
 * Runs a study without a clock, workers or programs: trials in flight report in a random order, fail, are given back,
 * retried, paused and resumed, and every event follows from the seed and the answers of the sampler and scheduler, by
 * the rules of `core/course`. Sampler and scheduler must be new; they are restored from the empty study first.
 */
export function simulateStudy(settings: SimulationSettings, parts: SimulationParts = {}): Simulation {
  const space = parts.space ?? SIMULATED_SPACE;
  return simulate(settings, parts, simulatedDefinition(settings, space));
}

/** Like {@link simulateStudy}, with the sampler's own name in the log. */
export function simulateSampler(
  settings: SimulationSettings,
  name: string,
  parts: SimulationParts & { readonly space: SearchSpace; readonly sampler: Sampler },
): Simulation {
  const definition = { ...simulatedDefinition(settings, parts.space), sampler: { name, options: {} } };
  return simulate(settings, parts, definition);
}

function simulate(
  settings: SimulationSettings,
  parts: SimulationParts,
  definition: StudyDefinition,
): Simulation {
  const random = createRandom(settings.seed, 0, SIMULATION);
  const questions: Question[] = [];
  const study = studyRecord(definition, 0);
  const { proposer, isForeign } = watchedSampler(parts, random, questions);
  const { onEvent } = parts;
  const stage = createStage({
    study,
    sampler: proposer,
    scheduler:
      parts.scheduler === undefined ? chanceScheduler(random) : watchedScheduler(parts.scheduler, questions),
    pause: () => random.integer(0, 2000),
    proposer: () => (isForeign() ? "another" : definition.sampler.name),
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  const simulator: Simulator = { settings, parts, random, stage };
  for (const each of parts.transferred ?? []) stage.push(encodeTransferred(each));
  while (stage.events.length < MAX_EVENTS) {
    const { running } = study.byState;
    const hasFreeWorker = running.size < settings.inFlight && !stage.interrupted;
    if (parts.requests !== undefined && happens(random, parts.requests)) request(simulator);
    if (hasFreeWorker && (running.size === 0 || happens(random, 0.5)) && useFreeWorker(simulator)) continue;
    const number = pick(random, running);
    const trial = number === undefined ? undefined : study.trials[number];
    if (trial !== undefined) advance(simulator, trial);
    else if (stage.interrupted || !resumeAll(simulator)) break;
  }
  return { settings, definition, events: stage.events, questions, moves: stage.moves };
}
