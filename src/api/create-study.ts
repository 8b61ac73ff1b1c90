import { availableParallelism } from "node:os";
import { join } from "node:path";
import { bestTrial } from "../core/best-trial.js";
import { checkedSamplerChoice } from "../core/checked-sampler.js";
import { checkedSchedulerChoice } from "../core/checked-scheduler.js";
import { CurvewiseError, messageOf } from "../core/errors.js";
import { ofFields } from "../core/fields.js";
import type { Goal } from "../core/goal.js";
import { parseMetricConstraint } from "../core/goals/metric-constraint.js";
import { parseGoals } from "../core/goals/parse-goals.js";
import type { Launcher } from "../core/launcher.js";
import type { Params, ParamsOf, ParamValue, Space } from "../core/param.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { type Constraint, createSearchSpace, type SearchSpace } from "../core/search-space.js";
import type { Storage } from "../core/storage.js";
import type { Study } from "../core/study.js";
import { type Budget, recordedChoice, type StudyDefinition } from "../core/study-definition.js";
import type { TransferRequest } from "../core/transfer-request.js";
import type { SessionOptions } from "../engine/session.js";
import type { ShadowReport } from "../engine/shadow-report.js";
import type { RunningTrial } from "../launchers/running-trial.js";
import { memoryStorage } from "../storage/memory.js";
import { temporaryPlace } from "../system/temporary-folder.js";
import { checkRunOptions, checkStudyOptions } from "./checked-options.js";
import { type FrontParams, frontParams } from "./front-params.js";
import { samplerOf, schedulerOf } from "./named-algorithms.js";
import type { RunOptions, SchedulerName, StudyOptions, StudyTransfer } from "./study-options.js";
import { type StudyRequests, studyRequests } from "./study-requests.js";
import type { StudySession } from "./study-session.js";

/** The best complete trial of a study. */
export interface BestParams<P> {
  readonly number: number;
  readonly params: P;
  /** The goal metric at the end of its training. */
  readonly value: number;
}

/**
 * A training: a function in this process, or the URL of a module with a default export that is one, to run in
 * threads.
 */
export type Training<P> = ((trial: RunningTrial<P>) => unknown) | URL;

/** A study to tune with. */
export interface TunedStudy<P> extends StudyRequests<P> {
  readonly name: string;
  /**
   * Trains trials until the budget is used up, and returns the best one. A study that is already in the
   * storage continues where it left off; a larger budget extends it. A function runs in this process,
   * `workers` at a time; a URL's module runs in as many threads, which is better for CPU-bound trainings. A function
   * that reports nothing may return a number, which then is its only report.
   *
   * @throws CurvewiseError `NO_COMPLETE_TRIAL` if nothing was trained to the end with a finite value, `TRIALS_FAILING`, and those
   *   of the storage
   */
  run(training: Training<P>, options?: RunOptions): Promise<BestParams<P>>;
  /** Opens the study for a caller that does its own training: ask for trials, tell their metrics. */
  open(options?: RunOptions): Promise<StudySession<P>>;
  /** The study's current state. @throws CurvewiseError `STUDY_NOT_FOUND` before its first run */
  read(): Promise<Study>;
  /** The best complete trial so far, with several goals by the first one; undefined if there is none. */
  best(): Promise<BestParams<P> | undefined>;
  /**
   * With several goals: the trials that no other one beats in all of them, the best in the first goal first. While no
   * trial is complete, unfinished ones.
   *
   * @throws CurvewiseError `STUDY_NOT_FOUND` before the study's first run, `GOALS_INVALID` if it has one goal
   */
  front(): Promise<FrontParams<P>[]>;
  /**
   * What each of these schedulers would have decided in the study so far, worked out from its log: steps,
   * trials that it would have stopped, good ones among them. They do not affect the study, and errors of
   * theirs are reported, not thrown.
   *
   * @throws CurvewiseError `STUDY_NOT_FOUND` before the study's first run
   */
  shadows(...schedulers: readonly (SchedulerChoice | SchedulerName)[]): Promise<ShadowReport[]>;
}

interface Opened {
  readonly storage: Storage;
  close(): Promise<void>;
}

function checkedSeed(seed: number): number {
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new CurvewiseError("STUDY_INVALID", `the seed must be a whole number of at least 0, but is ${seed}`);
}

/** Milliseconds. */
function checkedLease(seconds: number): number {
  if (Number.isFinite(seconds) && seconds >= 1) return seconds * 1000;
  throw new CurvewiseError("STUDY_INVALID", `the lease must be at least 1 second, but is ${seconds}`);
}

function constraintsOf<S extends Space>(
  options: StudyOptions<S>,
  typed: (params: Params) => ParamsOf<S>,
): Constraint[] {
  const refuse = (name: string, problem: string, cause?: unknown): never => {
    throw new CurvewiseError("CONSTRAINT_FAILED", `the constraint "${name}" ${problem}`, {
      hint: "A constraint is a function of the params that returns true or false at once.",
      cause,
    });
  };
  return Object.entries(options.constraints ?? {}).flatMap(([name, holds]): Constraint[] => {
    if (typeof holds === "string") return [];
    return [
      {
        name,
        holds: (params) => {
          const given = typed(params);
          let answer: unknown;
          try {
            answer = holds(given);
          } catch (error) {
            return refuse(name, `threw for ${JSON.stringify(params)}: ${messageOf(error)}`, error);
          }
          // A promise is true to an `if`, whatever it resolves to: every trial would seem to follow the rule.
          return answer instanceof Promise ? refuse(name, "returns a promise") : Boolean(answer);
        },
      },
    ];
  });
}

function goalOf<S extends Space>({ goal, goals, constraints = {} }: StudyOptions<S>): Goal {
  const onMetrics = Object.entries(constraints).flatMap(([metric, limit]) =>
    typeof limit === "string" ? [parseMetricConstraint(metric, limit)] : [],
  );
  return parseGoals(goal === undefined ? goals : [goal], onMetrics);
}

function budgetOf({ trials, time, totalSteps, target, noBetterFor, worthwhile }: RunOptions): Budget {
  return ofFields<Budget>({ trials, time, totalSteps, target, noBetterFor, worthwhile });
}

/**
 * Creates a study. Nothing is recorded before its first run, and the code that runs it is loaded only then.
 *
 * @example
 * const study = createStudy({
 *   name: "mnist",
 *   goal: { minimize: "loss" },
 *   space: { lr: float(1e-4, 1, { log: true }), batch: choice([16, 32, 64]) },
 * });
 * const best = await study.run(async (trial) => {
 *   for (let step = 1; step <= 30; step++) {
 *     const loss = await trainOneEpoch(trial.params);
 *     if ((await trial.report(step, { loss })) !== "continue") return;
 *   }
 * }, { trials: 100, workers: 4 });
 *
 * @throws CurvewiseError `SPACE_INVALID`, `STUDY_INVALID`
 */
export function createStudy<const S extends Space>(options: StudyOptions<S>): TunedStudy<ParamsOf<S>> {
  checkStudyOptions(options);
  const { name, maxSteps, timeout, replicates, retries = 0 } = options;
  const goal = goalOf(options);
  const sampler = samplerOf(options.sampler ?? "auto");
  const scheduler = schedulerOf(options.scheduler ?? "none");
  const isInMemory = options.storage === "memory:" || options.storage === ":memory:";
  const place = isInMemory ? memoryStorage() : (options.storage ?? memoryStorage());
  // Trials from before a change of the space may have other values, and go on with them.
  const isNamed = (params: Params): params is Params & ParamsOf<S> =>
    Object.keys(params).every((name) => Object.hasOwn(options.space, name));
  const typed = (params: Params): ParamsOf<S> => {
    if (isNamed(params)) return params;
    throw new CurvewiseError(
      "PARAMS_INVALID",
      `params ${JSON.stringify(params)} are not those of the search space`,
    );
  };
  const space: SearchSpace = createSearchSpace(options.space, constraintsOf(options, typed));
  const folder = options.folder ?? join(temporaryPlace(), `curvewise-${process.pid}`, name);

  /** An open storage; one that was opened for the caller is closed by {@link Opened.close}. */
  const openPlace = async (): Promise<Opened> => {
    if (typeof place !== "string") return { storage: place, close: async () => {} };
    const { openStorage } = await import("../storage/index.js");
    const storage = await openStorage(place);
    return { storage, close: () => storage.close() };
  };
  const withStorage = async <Result>(use: (storage: Storage) => Promise<Result>): Promise<Result> => {
    const { storage, close } = await openPlace();
    try {
      return await use(storage);
    } finally {
      await close();
    }
  };

  const sessionOptions = (run: RunOptions): Omit<SessionOptions, "storage"> => {
    checkRunOptions(run);
    const definition = ofFields<StudyDefinition>({
      name,
      goal,
      space: options.space,
      constraints: space.constraints.map((constraint) => constraint.name),
      maxSteps,
      sampler: recordedChoice(sampler),
      scheduler: recordedChoice(scheduler),
      budget: budgetOf(run),
      seed: checkedSeed(options.seed ?? 0),
      replicates: replicates === 1 ? undefined : replicates,
      // A function in this process costs no start.
      countStarts: undefined,
      retries,
      timeout,
      program: undefined,
      imported: undefined,
    });
    return {
      definition,
      space,
      sampler: checkedSamplerChoice(sampler),
      scheduler: checkedSchedulerChoice(scheduler),
      folder,
      extend: true,
      change: run.change === true,
      agreeBy: "{ change: true } in the options of the run",
      ...(options.enqueue === undefined ? {} : { enqueue: options.enqueue.map(definedParams) }),
      ...(options.transfer === undefined ? {} : { transfer: transferOf(options.transfer) }),
      ...(run.signal === undefined ? {} : { interrupt: run.signal }),
      ...(run.standby === undefined ? {} : { standby: run.standby }),
      ...(run.lease === undefined ? {} : { leaseDuration: checkedLease(run.lease) }),
    };
  };

  const bestOf = (study: Study): BestParams<ParamsOf<S>> | undefined => {
    const best = bestTrial(study);
    if (best?.complete !== true) return undefined;
    return { number: best.trial.number, params: typed(best.trial.params), value: best.value };
  };

  const launcherOf = async (
    training: Training<ParamsOf<S>>,
    workers: number | undefined,
  ): Promise<Launcher> => {
    const { metric } = goal;
    if (training instanceof URL) {
      const { threadLauncher } = await import("../launchers/thread.js");
      return threadLauncher({ module: training, slots: workers ?? availableParallelism(), metric });
    }
    const { inlineLauncher } = await import("../launchers/inline.js");
    return inlineLauncher({
      train: (trial) => training(typedTrial(trial, typed)),
      metric,
      slots: workers ?? 1,
    });
  };

  const run = async (
    training: Training<ParamsOf<S>>,
    runOptions: RunOptions = {},
  ): Promise<BestParams<ParamsOf<S>>> => {
    const session = sessionOptions(runOptions);
    if (typeof training !== "function" && !(training instanceof URL)) {
      throw new CurvewiseError(
        "STUDY_INVALID",
        "run needs the function that trains a trial, or a module's URL",
        {
          hint: "For example: study.run(async (trial) => { await trial.report(1, { loss: 0.5 }); }, { trials: 10 }).",
        },
      );
    }
    const { runStudy } = await import("../engine/run-study.js");
    const launcher = await launcherOf(training, runOptions.workers);
    try {
      const { study } = await withStorage((storage) => runStudy({ ...session, storage, launcher }));
      const best = bestOf(study);
      if (best !== undefined) return best;
      // Complete, but without a finite value.
      const diverged = study.byState.complete.size;
      const [message, hint] =
        diverged === 0
          ? ["was trained to the end", "Give a larger budget, or a scheduler that stops fewer trials."]
          : [
              `has a finite ${goal.metric}: all that were trained to the end (${diverged}) diverged`,
              "Correct the training, or narrow the space to params with which it does not diverge.",
            ];
      throw new CurvewiseError("NO_COMPLETE_TRIAL", `no trial of study "${name}" ${message}`, {
        hint,
        kind: "failure",
      });
    } finally {
      await launcher.close();
    }
  };

  return {
    name,
    ...studyRequests<ParamsOf<S>>(name, definedParams, withStorage),
    run,
    open: async (runOptions = {}) => {
      const session = sessionOptions(runOptions);
      const { openSession } = await import("../engine/session.js");
      const { createStudySession } = await import("./study-session.js");
      const { storage, close } = await openPlace();
      try {
        return createStudySession(await openSession({ ...session, storage }), typed, close);
      } catch (error) {
        await close();
        throw error;
      }
    },
    read: async () => {
      const { readStudy } = await import("../engine/read-study.js");
      return withStorage((storage) => readStudy(storage, name));
    },
    best: async () => {
      const { readStudy, withoutComplete } = await import("../engine/read-study.js");
      return bestOf(await withStorage((storage) => readStudy(storage, name, withoutComplete)));
    },
    front: async () => {
      const { readStudy } = await import("../engine/read-study.js");
      return frontParams(await withStorage((storage) => readStudy(storage, name)), typed);
    },
    shadows: async (...named) => {
      const chosen = named.map(schedulerOf);
      const { readShadows } = await import("../engine/shadow-report.js");
      return withStorage((storage) => readShadows(storage, name, chosen));
    },
  };
}

/** The trial with its params as the space types them. */
const typedTrial = <P>(trial: RunningTrial, typed: (params: Params) => P): RunningTrial<P> => ({
  ...trial,
  // These may change while it runs, so they are read each time.
  get params() {
    return typed(trial.params);
  },
  get resume() {
    return trial.resume;
  },
});

function transferOf(given: StudyTransfer): TransferRequest {
  if (given === "auto" || isNames(given)) return { from: given, folder: "." };
  return { ...given, folder: given.folder ?? "." };
}

const isNames = (given: StudyTransfer): given is readonly string[] => Array.isArray(given);

function definedParams(given: object): Params {
  const params: Record<string, ParamValue> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) params[name] = value;
  return params;
}
