import { goalsOf } from "../../core/goals/trial-result.js";
import type { SamplerSetup } from "../../core/sampler.js";
import { countValues } from "../../core/search-space.js";
import { counted } from "../../core/wording.js";

/** The samplers that `auto` hands trials to. */
export type Proposer = "random" | "tpe" | "gp" | "cmaes" | "curve" | "nsga2" | "nsga3";

/** Who proposes the trials up to a number. */
export interface PlanStage {
  /** The number of the first trial that belongs to the next stage. */
  readonly until: number;
  /** They take turns, one trial each. */
  readonly turns: readonly Proposer[];
}

/** Who proposes which trials, and why. */
export interface SamplerPlan {
  /** The last one has no end. */
  readonly stages: readonly [PlanStage, ...PlanStage[]];
  readonly reason: string;
}

/** Up to how many trials a model that gets slower with each of them proposes. */
const MODELLED = 250;
/** Who makes most of few trials, in turn. */
const MODELS: readonly Proposer[] = ["gp", "gp", "tpe"];
/** Up to how many params a Gaussian process is the first choice. */
const GP_PARAMS = 60;
/** Up to how many params trees tell enough from the curves of few trials. */
const CURVE_PARAMS = 30;
/** A whole number with more values than this is as good as continuous. */
const FEW_VALUES = 16;

const always = (turns: readonly Proposer[]): PlanStage => ({ until: Number.POSITIVE_INFINITY, turns });

/** Two stages, or one where both would be the same. */
function first(until: number, turns: readonly Proposer[], then: readonly Proposer[]): SamplerPlan["stages"] {
  const isSame = turns.length === then.length && turns.every((name, place) => name === then[place]);
  return isSame ? [always(turns)] : [{ until, turns }, always(then)];
}

/** Whether a distribution over numbers suits a space: its params are always on, and at least half of them are numbers. */
function suitsDistribution({ params }: SamplerSetup["space"]): boolean {
  const variable = Object.values(params).filter((param) => countValues(param) > 1);
  const numbers = variable.filter(
    (param) => (param.kind === "float" || param.kind === "int") && countValues(param) > FEW_VALUES,
  );
  return variable.every(({ when }) => when === undefined) && 2 * numbers.length >= variable.length;
}

/**
 * Chooses who proposes the trials of a study. The rules follow what did best where (docs/benchmarks.md): learning curves
 * say more than ends; a Gaussian process makes most of few trials, and every third trial of another sampler keeps it
 * from agreeing with itself; with many trials a distribution moves faster where params are numbers, and densities
 * where they are not. Samplers that complement each other win competitions (see AutoSampler of OptunaHub).
 */
export function planOf({ space, goal, maxSteps, repeats = false }: SamplerSetup): SamplerPlan {
  const goals = goalsOf(goal).length;
  if (repeats) return { stages: [always(["random"])], reason: "a population changes params itself" };
  const params = Object.values(space.params).filter((param) => countValues(param) > 1).length;
  if (params === 0) return { stages: [always(["random"])], reason: "no param has more than one value" };
  if (goals > 1) {
    const few: readonly Proposer[] = params > GP_PARAMS ? ["tpe"] : MODELS;
    const many = goals > 3 ? "nsga3" : "nsga2";
    return { stages: first(MODELLED, few, [many]), reason: `there are ${goals} goals` };
  }
  const later: readonly Proposer[] = suitsDistribution(space) ? ["cmaes", "tpe"] : ["tpe"];
  const hasCurves = maxSteps !== undefined && maxSteps > 1 && goal.constraints === undefined;
  if (hasCurves && params <= CURVE_PARAMS)
    return { stages: first(MODELLED, ["curve"], later), reason: "there are learning curves to learn from" };
  const size = counted(params, "param");
  if (params > GP_PARAMS)
    return { stages: first(2 * MODELLED, ["tpe"], later), reason: `there are ${size} to search` };
  return {
    stages: first(MODELLED, MODELS, later),
    reason: hasCurves ? `there are ${size} to search` : `there are only ends to learn from, and ${size}`,
  };
}

/** The plan in one line, for people. */
export function planText({ stages, reason }: SamplerPlan): string {
  const parts = stages.map(({ until, turns }, index) => {
    const names = [...new Set(turns)].join(" and ");
    const begin = index === 0 ? 0 : (stages[index - 1]?.until ?? 0);
    if (until !== Number.POSITIVE_INFINITY) return `${names} up to trial ${until - 1}`;
    return index === 0 ? names : `${names} from trial ${begin} on`;
  });
  return `${parts.join(", ")}: ${reason}`;
}

/** The first trial that a plan gives to a proposer. */
export function firstOf({ stages }: SamplerPlan, proposer: Proposer): number {
  let begin = 0;
  for (const { until, turns } of stages) {
    if (turns.includes(proposer)) return begin;
    begin = until;
  }
  return begin;
}

/** Who proposes a trial. */
export function proposerOf({ stages }: SamplerPlan, trial: number): Proposer {
  const { turns } = stages.find(({ until }) => trial < until) ?? stages[0];
  return turns[trial % turns.length] ?? "random";
}
