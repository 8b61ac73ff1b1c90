// What populations decide once more, written out from the documentation of `pbt` and ./population.ts and nothing else: every
// answer is worked out from the whole study, without any state. Tests compare the product with it; nothing else uses it.

import type { Action, Explanation } from "../../core/decision.js";
import type { Exploit } from "../../core/exploit.js";
import { costOf, type Goal } from "../../core/goal.js";
import type { Param, Params, ParamValue } from "../../core/param.js";
import { sameValue } from "../../core/param-value.js";
import { inUserOrder, isOn, type SearchSpace, valueAt } from "../../core/search-space.js";
import type { Study } from "../../core/study.js";
import type { Trial } from "../../core/trial.js";
import { createRandom, PURPOSE, type Random } from "../../math/random.js";
import type { Evolution } from "../population/perturb.js";
import { welchProbability } from "./t-test.js";

export interface PlainSettings {
  readonly goal: Goal;
  readonly seed: number;
  readonly maxSteps: number;
  readonly space: SearchSpace;
  readonly population: number;
  readonly interval: number;
  readonly burnIn: number;
  readonly quantile: number;
  readonly isSynchronous: boolean;
  readonly exploit: "truncation" | "tournament" | "t-test";
  readonly evolutions: ReadonlyMap<string, Evolution>;
}

/** What is decided, with the values of its explanation; undefined where there is none. */
export interface PlainAnswer {
  readonly action: Action | "resume";
  readonly trial: number;
  readonly exploit?: Exploit;
  readonly values: Explanation["values"] | undefined;
}

interface PlainMember {
  readonly trial: Trial;
  readonly cost: number;
}

interface PlainSelection {
  readonly parent?: PlainMember | undefined;
  readonly values: Record<string, number>;
}

const columnOf = ({ curve }: Trial, { metric }: Goal): readonly (number | null)[] =>
  curve.metrics.get(metric) ?? [];

/** The steps of a trial's model: those that it trained, or those of the model that it was given. */
const stepsOf = ({ curve, inheritances }: Trial): number =>
  Math.max(0, ...curve.steps, inheritances.at(-1)?.step ?? 0);

/** What the present model is worth: by the newest report after it was given, or by what came with it. */
function worthOf(trial: Trial, goal: Goal): number | undefined {
  const given = trial.inheritances.at(-1);
  const own = columnOf(trial, goal).filter(
    (_, place) => given === undefined || (trial.curve.steps[place] ?? 0) > given.step,
  );
  return own.findLast((value) => value !== null) ?? given?.value;
}

/** Who trains, waits or is paused; who failed as well, unless all that came of the last replacement was another failure. */
function takesPart(trial: Trial): boolean {
  if (["running", "waiting", "paused"].includes(trial.state)) return true;
  const given = trial.inheritances.at(-1);
  return trial.state === "failed" && (given === undefined || (trial.curve.steps.at(-1) ?? 0) > given.step);
}

const byFitness = (a: PlainMember, b: PlainMember): number =>
  a.cost < b.cost ? -1 : a.cost > b.cost ? 1 : a.trial.number - b.trial.number;

/** All that can be compared, fittest first. */
function ranked({ goal, maxSteps }: PlainSettings, study: Study): PlainMember[] {
  const members: PlainMember[] = [];
  for (const trial of study.trials) {
    if (!takesPart(trial) || trial.exploiting !== undefined || stepsOf(trial) >= maxSteps) continue;
    const value = trial.state === "failed" ? Number.NaN : worthOf(trial, goal);
    if (value !== undefined) members.push({ trial, cost: costOf(value, goal) });
  }
  return members.sort(byFitness);
}

const quantileOf = (members: number, quantile: number): number =>
  Math.min(Math.ceil(quantile * members - 1e-9), Math.floor(members / 2));

/** What was reported for the model that a trial saved last. */
function savedWorth(trial: Trial, goal: Goal): number | undefined {
  const { snapshot, inheritances } = trial;
  if (snapshot === undefined) return undefined;
  const place = trial.curve.steps.indexOf(snapshot.step);
  const given = inheritances.at(-1);
  const value =
    columnOf(trial, goal)[place] ?? (given?.step === snapshot.step ? given.value : worthOf(trial, goal));
  return Number.isFinite(value) ? value : undefined;
}

/** Whether an heir may copy a trial's model: a later one, or a later one than it went back to before. */
function mayCopy({ trial: parent, cost }: PlainMember, heir: Trial, goal: Goal): boolean {
  if (parent.state === "failed" || !Number.isFinite(cost) || parent.snapshot === undefined) return false;
  const { step } = parent.snapshot;
  const wentBackTo = heir.inheritances.filter((each) => each.step < each.at).map((each) => each.step);
  return (
    savedWorth(parent, goal) !== undefined &&
    (step >= stepsOf(heir) || wentBackTo.every((before) => before < step))
  );
}

/** One of some, drawn at random: a number is drawn even if there is no choice. */
const drawn = <T>(list: readonly T[], random: Random): T | undefined =>
  list[random.integer(0, Math.max(1, list.length) - 1)];

/** The newest finite reports of a member's present model, at most ten. */
function newest({ trial }: PlainMember, goal: Goal): number[] {
  const since = trial.inheritances.at(-1)?.step ?? 0;
  return columnOf(trial, goal)
    .filter((_, place) => (trial.curve.steps[place] ?? 0) > since)
    .filter((value) => value !== null && Number.isFinite(value))
    .map(Number)
    .reverse()
    .slice(0, 10);
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function selected(
  { goal, quantile, exploit }: PlainSettings,
  member: PlainMember,
  ranking: readonly PlainMember[],
  random: Random,
): PlainSelection {
  const rank = ranking.indexOf(member) + 1;
  const members = ranking.length;
  if (exploit === "truncation") {
    const quantileSize = quantileOf(members, quantile);
    const values = { members, rank, quantileSize };
    if (quantileSize === 0 || rank <= members - quantileSize) return { values };
    const parents = ranking.slice(0, quantileSize).filter((each) => mayCopy(each, member.trial, goal));
    return { parent: drawn(parents, random), values };
  }
  const values = { members, rank };
  const rival = drawn(
    ranking.filter((each) => each !== member),
    random,
  );
  if (rival === undefined) return { values };
  const isCopyable = mayCopy(rival, member.trial, goal);
  if (exploit === "tournament") {
    return rival.cost < member.cost && isCopyable ? { parent: rival, values } : { values };
  }
  if (!isCopyable) return { values };
  if (member.cost === Number.POSITIVE_INFINITY) return { parent: rival, values };
  const [own, theirs] = [newest(member, goal), newest(rival, goal)];
  if (Math.min(own.length, theirs.length) < 2) return { values };
  const probability = welchProbability(own, theirs);
  const [mean, rivalMean] = [meanOf(own), meanOf(theirs)];
  const told = { ...values, mean, rivalMean, probability };
  const isFitter = costOf(rivalMean, goal) < costOf(mean, goal);
  return isFitter && probability < 0.05 ? { parent: rival, values: told } : { values: told };
}

/** All values of a param with a grid. */
function gridOf(low: number, high: number, step: number): number[] {
  const values: number[] = [];
  for (let place = 0; low + place * step <= high + 1e-9 * step; place++) {
    values.push(Math.min(high, Number((low + place * step).toPrecision(15))));
  }
  return values;
}

function changed(
  param: Param,
  value: ParamValue,
  { factors, resample }: Evolution,
  random: Random,
): ParamValue {
  if (param.kind === "fixed") return value;
  if (random.uniform() < resample) return valueAt(param, random.uniform());
  if (param.kind === "choice" || param.kind === "ordinal") {
    const place = param.options.findIndex((option) => sameValue(option, value));
    const beside = param.options.filter((_, other) => Math.abs(other - place) === 1);
    const moved = drawn(beside, random);
    return moved === undefined ? value : moved;
  }
  const factor = drawn(factors, random) ?? Number.NaN;
  const { low, high, step } = param;
  const number = Number(value);
  const wanted = number === 0 ? (factor - 1) * (high - low) : number * factor;
  if (step === undefined) return Math.max(low, Math.min(high, wanted));
  if (factor === 1) return number;
  const grid = gridOf(low, high, step);
  const place = grid.findIndex((each) => Math.abs(each - number) < step / 2);
  const away = Math.round((wanted - number) / step);
  const moved = wanted > number ? place + Math.max(away, 1) : place + Math.min(away, -1);
  return grid.at(Math.max(0, Math.min(moved, grid.length - 1))) ?? Number.NaN;
}

/** Params with every evolving one changed; at most 100 times, until the constraints hold. */
export function plainPerturbation(
  space: SearchSpace,
  params: Params,
  evolutions: ReadonlyMap<string, Evolution>,
  random: Random,
): Params {
  for (let tries = 0; tries < 100; tries++) {
    const result: Record<string, ParamValue> = {};
    for (const name of space.order) {
      const param = space.params[name];
      if (param === undefined || !isOn(param.when, result)) continue;
      const [value, evolution] = [params[name], evolutions.get(name)];
      if (value === undefined) result[name] = valueAt(param, random.uniform());
      else if (evolution === undefined) result[name] = value;
      else result[name] = changed(param, value, evolution, random);
    }
    const ordered = inUserOrder(space, result);
    if (space.constraints.every(({ holds }) => holds(ordered))) return ordered;
  }
  return params;
}

/** How a trial goes on from a member's model; undefined where there is no such member. */
function exploited(
  { goal, space, evolutions }: PlainSettings,
  { parent, values }: PlainSelection,
  random: Random,
): { readonly exploit: Exploit; readonly values: Record<string, number> } | undefined {
  const snapshot = parent?.trial.snapshot;
  const value = parent && savedWorth(parent.trial, goal);
  if (parent === undefined || snapshot === undefined || value === undefined) return undefined;
  const { number, params } = parent.trial;
  return {
    exploit: {
      parent: number,
      snapshot,
      value,
      params: plainPerturbation(space, params, evolutions, random),
    },
    values: { ...values, parent: number, parentStep: snapshot.step, parentValue: value },
  };
}

const randomOf = ({ seed }: PlainSettings, study: Study): Random =>
  createRandom(seed, study.events, PURPOSE.population);

const membersWanted = ({ population }: PlainSettings, { definition }: Study): number =>
  Math.min(population, definition.budget.trials ?? Number.POSITIVE_INFINITY);

/** Whether all members are made, or somebody has gone on already. */
function isWhole(settings: PlainSettings, study: Study): boolean {
  const isFurther = study.trials.some((trial) => stepsOf(trial) >= 2 * settings.interval);
  return isFurther || study.trials.length >= membersWanted(settings, study);
}

/** What happens to a trial at its newest report. */
export function plainDecision(
  settings: PlainSettings,
  study: Study,
  trial: Trial,
  step: number,
): PlainAnswer {
  const { interval, burnIn, isSynchronous } = settings;
  const before = Math.max(trial.curve.steps.at(-2) ?? 0, trial.inheritances.at(-1)?.step ?? 0);
  const { number } = trial;
  if (Math.floor(before / interval) === Math.floor(step / interval)) {
    return { action: "continue", trial: number, values: undefined };
  }
  if (isSynchronous) {
    return membersWanted(settings, study) === 1
      ? { action: "continue", trial: number, values: undefined }
      : { action: "pause", trial: number, values: { step } };
  }
  const ranking = ranked(settings, study);
  const member = step < burnIn ? undefined : ranking.find((each) => each.trial === trial);
  const random = randomOf(settings, study);
  const selection: PlainSelection =
    member === undefined ? { values: { step } } : selected(settings, member, ranking, random);
  const isTurnOfOthers =
    !isWhole(settings, study) ||
    study.trials.some((other) => other.state !== "running" && takesPart(other) && stepsOf(other) < step);
  const chosen = exploited(settings, selection, random);
  if (chosen !== undefined) {
    const { exploit, values } = chosen;
    const waits = isTurnOfOthers ? { waits: true } : {};
    return { action: "exploit", trial: number, exploit: { ...exploit, ...waits }, values };
  }
  return { action: isTurnOfOthers ? "pause" : "continue", trial: number, values: selection.values };
}

/** The paused member with the fewest steps goes on. */
function inTurn(study: Study): PlainAnswer | undefined {
  const paused = study.trials.filter(({ state }) => state === "paused");
  const fewest = Math.min(...paused.map(stepsOf));
  const next = paused.find((trial) => stepsOf(trial) === fewest);
  return next && { action: "resume", trial: next.number, values: { paused: paused.length, step: fewest } };
}

/** The first that failed and can be replaced goes on with a model of the fittest. */
function replaced(settings: PlainSettings, study: Study): PlainAnswer | undefined {
  const trial = study.trials.find((each) => each.state === "failed" && takesPart(each));
  if (trial === undefined) return undefined;
  const ranking = ranked(settings, study);
  const fittest = ranking.slice(0, Math.max(1, quantileOf(ranking.length, settings.quantile)));
  const random = randomOf(settings, study);
  const parent = drawn(
    fittest.filter((each) => mayCopy(each, trial, settings.goal)),
    random,
  );
  const chosen = exploited(settings, { parent, values: { members: ranking.length } }, random);
  return chosen && { action: "resume", trial: trial.number, ...chosen };
}

/** Whoever waits where all have arrived goes on, the least fit first. */
function ofRound(settings: PlainSettings, study: Study): PlainAnswer | undefined {
  const { goal, interval, burnIn } = settings;
  const members = study.trials.filter((trial) => takesPart(trial) && trial.state !== "failed");
  const roundOf = (trial: Trial): number => Math.floor(stepsOf(trial) / interval);
  const round = Math.min(...members.map(roundOf));
  const there = members.filter((trial) => roundOf(trial) === round);
  const isStillPausing = there.some(
    (trial) =>
      trial.state === "running" &&
      trial.decision?.action === "pause" &&
      trial.decision.step === stepsOf(trial),
  );
  if (members.length === 0 || isStillPausing) return undefined;
  const step = round * interval;
  const worthThere = (trial: Trial): number => {
    const given = trial.inheritances.at(-1);
    const isReplaced = given !== undefined && Math.floor(given.at / interval) === round;
    if (trial.exploiting !== undefined || isReplaced) return Number.NaN;
    const value = columnOf(trial, goal).find(
      (each, place) => each !== null && (trial.curve.steps[place] ?? 0) >= step,
    );
    return value ?? Number.NaN;
  };
  const ended = study.trials.filter((trial) => trial.state === "complete" && stepsOf(trial) > step);
  const ranking = [...members, ...ended]
    .map((trial) => ({ trial, cost: costOf(worthThere(trial), goal) }))
    .sort(byFitness);
  const next = ranking.findLast(({ trial }) => trial.state === "paused" && there.includes(trial));
  if (next === undefined) return undefined;
  const { number } = next.trial;
  if (round === 0 || step < burnIn) return { action: "resume", trial: number, values: { step } };
  // What other members have reported meanwhile must not matter; in version 0.1.0 it did.
  const random =
    goal.of === undefined
      ? randomOf(settings, study)
      : createRandom(settings.seed, 65_536 * round + number, PURPOSE.population);
  const selection = selected(settings, next, ranking, random);
  const chosen = exploited(settings, selection, random);
  return { action: "resume", trial: number, ...(chosen ?? { values: selection.values }) };
}

/** Who goes on when a worker is free. */
export function plainResumption(
  settings: PlainSettings,
  study: Study,
  isEnding: boolean,
  isClosed: boolean,
): PlainAnswer | undefined {
  if (!isClosed && !isWhole(settings, study)) return undefined;
  const failed = replaced(settings, study);
  if (failed !== undefined) return failed;
  if (!settings.isSynchronous) return inTurn(study);
  return ofRound(settings, study) ?? (isEnding ? inTurn(study) : undefined);
}
