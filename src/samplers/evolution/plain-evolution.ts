// The samplers of evolution once more, written out from their documentation and nothing else: every proposal is worked out
// from the whole study, without any state. Tests compare the product with it; nothing else uses it.

import { createCandidatePool } from "../../core/candidates/candidate-pool.js";
import { keyOf } from "../../core/candidates/params-key.js";
import { createUntriedParams } from "../../core/candidates/untried-params.js";
import { costOf, type Goal } from "../../core/goal.js";
import type { Param, Params, ParamValue } from "../../core/param.js";
import { sameValue } from "../../core/param-value.js";
import {
  contains,
  countValues,
  inUserOrder,
  isOn,
  quantilesOf,
  type SearchSpace,
  valueAt,
} from "../../core/search-space.js";
import type { Study } from "../../core/study.js";
import type { Trial } from "../../core/trial.js";
import type { Random } from "../../math/random.js";

export interface PlainSetup {
  readonly space: SearchSpace;
  readonly goal: Goal;
  readonly seed: number;
  readonly candidates?: readonly Params[];
}

interface PlainMember {
  readonly trial: Trial;
  readonly cost: number;
  readonly depth: number;
  readonly haltedAt: number;
}

const { POSITIVE_INFINITY } = Number;

/** The cost of the last value or, where the best report counts, of the best finite one. */
function counted(values: readonly number[], last: number, goal: Goal): number {
  return goal.of === "best" ? Math.min(...values.map((value) => costOf(value, goal))) : costOf(last, goal);
}

/** A trial counts once its training has halted, and with a value, or without any once it is over. */
function memberOf(trial: Trial, goal: Goal): PlainMember | undefined {
  const { state, attempt, curve, endedAt } = trial;
  const isFirst = (state === "running" && attempt <= 1) || (state === "waiting" && attempt === 0);
  const given = trial.inheritances.at(-1);
  const column = curve.metrics.get(goal.metric) ?? [];
  const place = column.findLastIndex((value) => value !== null);
  // A model that has reported nothing yet is worth what was reported of it before it was copied.
  const isOfCopy = given !== undefined && (curve.steps[place] ?? 0) <= given.step;
  const last = isOfCopy ? given.value : (column[place] ?? undefined);
  const values = [...column.filter((value) => value !== null), ...(given === undefined ? [] : [given.value])];
  const isOver = ["complete", "stopped", "failed"].includes(state);
  if (isFirst || (last === undefined && !isOver)) return undefined;
  const step = Math.max(0, ...curve.steps, trial.inheritances.at(-1)?.step ?? 0);
  return {
    trial,
    cost: state === "failed" || last === undefined ? POSITIVE_INFINITY : counted(values, last, goal),
    depth: state === "complete" ? POSITIVE_INFINITY : step,
    haltedAt: endedAt ?? POSITIVE_INFINITY,
  };
}

/** Diverged ones last, then the deeper first, then the better, then the younger. */
function ranked(members: readonly PlainMember[]): PlainMember[] {
  const down = (a: number, b: number): number => (a === b ? 0 : a > b ? -1 : 1);
  return members.toSorted(
    (a, b) =>
      Number(a.cost === POSITIVE_INFINITY) - Number(b.cost === POSITIVE_INFINITY) ||
      down(a.depth, b.depth) ||
      down(b.cost, a.cost) ||
      b.trial.number - a.trial.number,
  );
}

const membersOf = (study: Study, goal: Goal): PlainMember[] =>
  study.trials.flatMap((trial) => memberOf(trial, goal) ?? []);

const drawValue = (param: Param, random: Random): ParamValue =>
  param.kind === "fixed" ? param.value : valueAt(param, random.uniform());

/** Params from a value for each one that is on, whether or not they keep the constraints. */
function built(space: SearchSpace, valueOf: (name: string, param: Param) => ParamValue): Params {
  const params: Record<string, ParamValue> = {};
  for (const name of space.order) {
    const param = space.params[name];
    if (param !== undefined && isOn(param.when, params)) params[name] = valueOf(name, param);
  }
  return inUserOrder(space, params);
}

type Breed = (previous: Params | undefined) => Params;

/**
 * The first child that keeps the constraints and that no trial has, of a hundred; else, and where nothing is bred, any such
 * params. Of candidates the nearest, or any, that no trial has.
 */
function proposed({ space, seed, candidates }: PlainSetup, study: Study, random: Random, breed?: Breed) {
  if (candidates !== undefined) {
    const pool = createCandidatePool(space, candidates, seed);
    const has = (key: string): boolean => study.trials.some((trial) => keyOf(trial.params) === key);
    return breed === undefined ? pool.next(has) : pool.nearest(breed(undefined), has);
  }
  const { note, isTried, draw } = createUntriedParams({ space, seed });
  for (const trial of study.trials) note(trial);
  let previous: Params | undefined;
  if (breed === undefined) return draw(random);
  for (let tries = 0; tries < 100; tries++) {
    const child = breed(previous);
    if (!space.constraints.every(({ holds }) => holds(child))) continue;
    if (!isTried(child)) return child;
    previous = child;
  }
  return draw(random);
}

/** A number reflected at 0 and 1. */
function reflected(place: number): number {
  if (place < 0) return reflected(-place);
  return place > 1 ? reflected(2 - place) : Math.min(place, 1 - Number.EPSILON);
}

function nearby(param: Param, value: ParamValue, spread: number, random: Random): ParamValue {
  if (param.kind === "fixed") return value;
  if (param.kind === "choice") return valueAt(param, random.uniform());
  const [from, to] = quantilesOf(param, value);
  const deviation = Math.max(spread, 1 / countValues(param), 1e-6);
  return valueAt(param, reflected((from + to) / 2 + deviation * random.normal()));
}

/** Draws one of a list; a number is drawn even if the list has one entry. */
const drawn = <T>(list: readonly T[], random: Random): T | undefined =>
  list[random.integer(0, Math.max(1, list.length) - 1)];

/** Regularized evolution's next params. */
export function plainRegularized(
  setup: PlainSetup,
  options: { population: number; sample: number; removal: "oldest" | "worst"; spread: number },
  trial: number,
  random: Random,
  study: Study,
): Params | undefined {
  const { space, goal } = setup;
  const members = membersOf(study, goal);
  const youngest = members.toSorted((a, b) =>
    a.haltedAt === b.haltedAt ? b.trial.number - a.trial.number : a.haltedAt > b.haltedAt ? -1 : 1,
  );
  const population = (options.removal === "oldest" ? youngest : ranked(members)).slice(0, options.population);
  if (trial < options.population || population.length === 0) return proposed(setup, study, random);
  const sample = Math.ceil((options.sample * population.length) / options.population);
  const met = Array.from({ length: sample }, () => drawn(population, random)).flatMap((each) => each ?? []);
  const [parent] = ranked(met);
  if (parent === undefined || parent.cost === POSITIVE_INFINITY) return proposed(setup, study, random);
  return proposed(setup, study, random, (previous = parent.trial.params) => {
    const names = space.order.filter((name) => {
      const param = space.params[name];
      return param !== undefined && countValues(param) > 1 && previous[name] !== undefined;
    });
    const changed = drawn(names, random);
    return built(space, (name, param) => {
      const value = previous[name];
      if (value === undefined || !contains(param, value)) return drawValue(param, random);
      return name === changed ? nearby(param, value, options.spread, random) : value;
    });
  });
}

/** Somewhere in a value's share of [0, 1]. */
function placeOf(param: Param, value: ParamValue | undefined, random: Random): number {
  if (value === undefined || !contains(param, value)) return random.uniform();
  const [from, to] = quantilesOf(param, value);
  return from + random.uniform() * (to - from);
}

function mutant(
  param: Param,
  [base, plus, minus]: readonly (ParamValue | undefined)[],
  factor: number,
  random: Random,
) {
  if (param.kind === "fixed") return param.value;
  const start = placeOf(param, base, random);
  const difference = placeOf(param, plus, random) - placeOf(param, minus, random);
  const place = start + factor * difference;
  const inside = place >= 0 && place <= 1 ? Math.min(place, 1 - 2 ** -53) : random.uniform();
  const value = valueAt(param, inside);
  return param.kind === "choice" && !sameValue(value, base) ? valueAt(param, random.uniform()) : value;
}

/** Differential evolution's next params. */
export function plainDifferential(
  setup: PlainSetup,
  options: { population: number; strategy: "best1bin" | "rand1bin"; mutation: number; crossover: number },
  trial: number,
  random: Random,
  study: Study,
): Params | undefined {
  const { space, goal } = setup;
  const { population, strategy, mutation, crossover } = options;
  const all = membersOf(study, goal);
  const holders = Array.from(
    { length: population },
    (_, slot) => ranked(all.filter((each) => each.trial.number % population === slot))[0],
  );
  const target = holders[trial % population];
  const fit = holders.flatMap((each) =>
    each === undefined || each.cost === POSITIVE_INFINITY ? [] : [each],
  );
  const others = fit.filter((each) => each !== target);
  if (target === undefined || !fit.includes(target) || others.length < 3)
    return proposed(setup, study, random);
  const variable = Object.entries(space.params).flatMap(([name, param]) =>
    countValues(param) > 1 ? [name] : [],
  );
  return proposed(setup, study, random, () => {
    const base = drawn(strategy === "best1bin" ? ranked(fit).slice(0, 1) : others, random);
    const left = others.filter((each) => each !== base);
    const plus = drawn(left, random);
    const minus = drawn(
      left.filter((each) => each !== plus),
      random,
    );
    const certain = drawn(variable, random);
    return built(space, (name, param) => {
      const isCrossed = random.uniform() < crossover || name === certain;
      const own = target.trial.params[name];
      if (!isCrossed && own !== undefined && contains(param, own)) return own;
      return mutant(
        param,
        [base, plus, minus].map((each) => each?.trial.params[name]),
        mutation,
        random,
      );
    });
  });
}
