import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Random } from "../math/random.js";
import type { StudyEvent } from "./events.js";
import type { Goal } from "./goal.js";
import type { Params } from "./param.js";
import type { SearchSpace } from "./search-space.js";
import type { Study } from "./study.js";
import type { AlgorithmChoice } from "./study-definition.js";
import type { TransferWish } from "./transferred-study.js";

/** What a sampler is created for. */
export interface SamplerSetup {
  readonly space: SearchSpace;
  readonly goal: Goal;
  readonly maxSteps: number | undefined;
  /** The study's seed, for anything that does not belong to one trial (such as a grid's order). */
  readonly seed: number;
  /**
   * If given, the only params that may be proposed, each once: those of a table of recorded curves. A sampler that
   * cannot choose from given params refuses them with `OPTIONS_INVALID`.
   */
  readonly candidates?: readonly Params[];
  /** Whether params that were tried may be proposed again once no others are left: a population has to be filled. */
  readonly repeats?: boolean;
  /**
   * If another sampler hands trials to this one: the number of the first that it may hand. The study records such trials
   * under the other's name.
   */
  readonly handedFrom?: number;
}

/**
 * Proposes params. A sampler is deterministic: its answers follow from its options, its setup, the trial's number (with
 * that number's own random stream) and the study's events so far.
 *
 * If the study's space was changed, trials whose params do not fit the present one are left out of `study.trials`: their
 * places are empty (see `fittingStudy`).
 */
export interface Sampler {
  /** Earlier studies with similar spaces that it wants in the study; they are there before any trial. */
  readonly transfer?: TransferWish;
  /** Called once before anything else, with the study as opened (without trials, if it is new). */
  restore?(study: Study): void;
  /** Called after every event, when the study already reflects it. */
  observe?(event: StudyEvent, study: Study): void;
  /**
   * The params of a new trial, inside the space and its constraints; undefined when there are no more.
   *
   * @param trial the trial's number; numbers come in order, each once
   * @param random the stream of (study seed, trial number), the same whenever this trial is asked for
   */
  ask(trial: number, random: Random, study: Study): Params | undefined;
  /** How many trials there will be in total, if known. */
  readonly size?: number;
  /** What it is going to do and why, in one line, if that depends on the study. */
  readonly plan?: string;
}

/** A sampler with its options, ready to be created for a study. */
export interface SamplerChoice extends AlgorithmChoice {
  /**
   * Whether complete trials may be forgotten, because it never looks at them or at what the study says about them.
   * Memory then does not grow with the number of trials, unless something else in the study needs them.
   */
  readonly forgets?: boolean;
  /**
   * The same, learning from earlier studies as well unless it names others itself; absent if it cannot.
   *
   * @param studies their names, as they are transferred
   */
  readonly transferring?: (studies: readonly string[]) => SamplerChoice;
  /** @throws CurvewiseError when the options do not fit the space. */
  readonly create: (setup: SamplerSetup) => Sampler;
}

/** What a sampler's file exports: call it with options, or read what it is. */
export interface SamplerDefinition<Options extends StandardSchemaV1 = StandardSchemaV1> {
  (options?: StandardSchemaV1.InferInput<Options>): SamplerChoice;
  readonly samplerName: string;
  /** See {@link SamplerChoice}. */
  readonly forgets: boolean;
  /** Whether it may be used in studies with several goals. */
  readonly severalGoals: boolean;
  /** One sentence: what it does and when to use it. */
  readonly summary: string;
  /** The options' schema, with a description and a default for each. */
  readonly options: Options;
}

/** Whether a value has what every sampler has. */
export function isSampler(value: unknown): value is Sampler {
  return typeof value === "object" && value !== null && "ask" in value && typeof value.ask === "function";
}
