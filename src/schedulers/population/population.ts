import type { Decision, Explanation } from "../../core/decision.js";
import { trialOf } from "../../core/event-trial.js";
import type { Exploit } from "../../core/exploit.js";
import { type Goal, isOfFirstVersion } from "../../core/goal.js";
import type { Params } from "../../core/param.js";
import type { Resumption, Scheduler } from "../../core/scheduler.js";
import type { Study } from "../../core/study.js";
import { lastStep, type Trial } from "../../core/trial.js";
import { counted, shown } from "../../core/wording.js";
import { createRandom, PURPOSE, type Random } from "../../math/random.js";
import { canBeParent, fitnessOfSnapshot, isReplaceable, quantileSize, takesPart } from "./members.js";
import { changeText } from "./perturb.js";
import { createRankedMembers } from "./ranked-members.js";
import { createRounds } from "./rounds.js";
import type { Selection, SelectionStrategy } from "./selection.js";

/** The params with which a trial goes on from another's model, and how they were chosen. */
export interface Exploration {
  readonly params: Params;
  /** The end of a sentence that names the params. */
  readonly finding?: string;
  readonly values?: Explanation["values"];
}

/** What distinguishes the kinds of population based training. */
export interface PopulationSetup {
  /** The explanations' rule. */
  readonly rule: string;
  readonly goal: Goal;
  readonly seed: number;
  readonly maxSteps: number | undefined;
  /** How many trials train side by side. */
  readonly population: number;
  /** Steps between decisions on a trial. */
  readonly interval: number;
  /** Steps before the first one. */
  readonly burnIn: number;
  readonly quantile: number;
  readonly isSynchronous: boolean;
  readonly select: SelectionStrategy;
  readonly explore: (trial: Trial, parent: Trial, study: Study, random: Random) => Exploration;
}

/** More than a population has members: so far apart are the streams of random numbers of two rounds. */
const ROUND_STREAMS = 2 ** 16;

/** The index of the interval that a step lies in; a new one begins at each multiple of its length. */
const intervalAt = (step: number, interval: number): number => Math.floor(step / interval);

/** The step that a trial's model had reached before its newest report. */
function stepBefore({ curve, inheritances }: Trial): number {
  return Math.max(curve.steps.at(-2) ?? 0, inheritances.at(-1)?.step ?? 0);
}

/**
 * A population that trains side by side: at every interval a member may go on with another's model and other params. If
 * there are more members than workers, they take turns, those with the fewest steps first.
 *
 * Only the order of the members is kept, which follows from the study's current state.
 */
export function createPopulation(setup: PopulationSetup): Scheduler {
  const {
    rule,
    goal,
    seed,
    maxSteps,
    population,
    interval,
    burnIn,
    quantile,
    isSynchronous,
    select,
    explore,
  } = setup;
  const members = createRankedMembers(goal, maxSteps);
  const randomOf = (study: Study): Random => createRandom(seed, study.events, PURPOSE.population);
  /**
   * In a round it must not matter what other members report meanwhile, so it does not depend on how many events there are; in
   * studies of version 0.1.0 it does.
   */
  const randomInRound = (trial: number, step: number, study: Study): Random =>
    isOfFirstVersion(goal)
      ? randomOf(study)
      : createRandom(seed, intervalAt(step, interval) * ROUND_STREAMS + trial, PURPOSE.population);
  const explain = (reason: string, values: Explanation["values"]): Explanation => ({ rule, reason, values });

  const limitOf = ({ definition }: Study): number =>
    Math.min(population, definition.budget.trials ?? population);

  /** Whether all members have been created; once any has gone on, no more are added. */
  const isWhole = (study: Study): boolean =>
    study.trials.length >= limitOf(study) ||
    study.trials.some((trial) => intervalAt(lastStep(trial), interval) >= 2);

  /** The exploit that follows from a selection, with its reason, if any. */
  const exploitBy = (
    trial: Trial,
    { parent: member, finding, values }: Selection,
    study: Study,
    random: Random,
  ): { readonly exploit: Exploit; readonly explanation: Explanation } | undefined => {
    const parent = member?.trial;
    const value = parent && fitnessOfSnapshot(parent, goal);
    if (parent?.snapshot === undefined || value === undefined) return undefined;
    const { snapshot, number } = parent;
    const { params, ...exploration } = explore(trial, parent, study, random);
    const model = `trial ${number}'s model of step ${snapshot.step} (${goal.metric} ${shown(value)})`;
    const change = changeText(parent.params, params);
    const how = exploration.finding === undefined ? "" : `, ${exploration.finding}`;
    const reason = `${finding}; it goes on with ${model} and ${change}${how}.`;
    const copied = { parent: number, parentStep: snapshot.step, parentValue: value };
    const explanation = explain(reason, { ...values, ...copied, ...exploration.values });
    return { exploit: { parent: number, snapshot, value, params }, explanation };
  };

  /** A failed member goes on with the model of one drawn from the fittest. */
  const replaceFailed = (study: Study): Resumption | undefined => {
    const failed = [...study.byState.failed].sort((a, b) => a - b);
    const trial = failed.map((number) => study.trials[number]).find((each) => each && isReplaceable(each));
    if (trial === undefined) return undefined;
    const { ranking } = members;
    const fittest = ranking.slice(0, Math.max(1, quantileSize(ranking.length, quantile)));
    const parents = fittest.filter((each) => canBeParent(each, trial, goal));
    const random = randomOf(study);
    const parent = parents[random.integer(0, Math.max(0, parents.length - 1))];
    if (parent === undefined) return undefined;
    const selection = { parent, finding: "It failed", values: { members: ranking.length } };
    const chosen = exploitBy(trial, selection, study, random);
    return chosen && { trial: trial.number, ...chosen };
  };

  const pausedInTurn = (study: Study): Trial | undefined => {
    let next: Trial | undefined;
    for (const number of study.byState.paused) {
      const trial = study.trials[number];
      if (trial === undefined) continue;
      const order = next === undefined ? -1 : lastStep(trial) - lastStep(next) || number - next.number;
      if (order < 0) next = trial;
    }
    return next;
  };

  const takeTurn = (study: Study): Resumption | undefined => {
    const next = pausedInTurn(study);
    if (next === undefined) return undefined;
    const paused = study.byState.paused.size;
    const step = lastStep(next);
    const reason = `It is its turn: none of ${counted(paused, "paused member")} has fewer steps than its ${step}.`;
    return { trial: next.number, explanation: explain(reason, { paused, step }) };
  };

  const isOthersTurn = (step: number, study: Study): boolean => {
    if (!isWhole(study)) return true;
    const { waiting, paused, failed } = study.byState;
    for (const numbers of [paused, waiting, failed]) {
      for (const number of numbers) {
        const trial = study.trials[number];
        if (trial !== undefined && takesPart(trial) && lastStep(trial) < step) return true;
      }
    }
    return false;
  };

  const rounds = createRounds({ goal, interval, burnIn });
  const nextOfRound = (study: Study): Resumption | undefined => {
    const round = rounds.find(study);
    if (round === undefined) return undefined;
    const [member] = round.due;
    if (member === undefined) return undefined;
    const { number } = member.trial;
    if (!round.isSelecting) {
      const reason = `All members have reached step ${round.step}, which is before the first decision.`;
      return { trial: number, explanation: explain(reason, { step: round.step }) };
    }
    const random = randomInRound(number, round.step, study);
    const selection = select(member, round.ranking, { goal, quantile }, random);
    const chosen = exploitBy(member.trial, selection, study, random);
    if (chosen !== undefined) return { trial: number, ...chosen };
    const reason = `${selection.finding}; it goes on with its own model.`;
    return { trial: number, explanation: explain(reason, selection.values) };
  };

  const decideAlone = (trial: Trial, step: number, study: Study): Decision => {
    const random = randomOf(study);
    const { ranking } = members;
    const place = step < burnIn ? undefined : members.placeOf(trial.number);
    const member = place === undefined ? undefined : ranking[place];
    const nothing =
      step < burnIn ? `Step ${step} is before the first decision` : `It has not reported ${goal.metric} yet`;
    const selection: Selection =
      member === undefined
        ? { finding: nothing, values: { step } }
        : select(member, ranking, { goal, quantile }, random);
    const chosen = exploitBy(trial, selection, study, random);
    const waits = isOthersTurn(step, study);
    if (chosen !== undefined) {
      const { exploit, explanation } = chosen;
      return { action: "exploit", explanation, exploit: waits ? { ...exploit, waits } : exploit };
    }
    const { finding, values } = selection;
    return waits
      ? { action: "pause", explanation: explain(`${finding}; it is the turn of other members.`, values) }
      : { action: "continue", explanation: explain(`${finding}; it goes on with its own model.`, values) };
  };

  const decideTogether = (step: number, study: Study): Decision => {
    if (limitOf(study) === 1) return { action: "continue" };
    const reason = `It waits at step ${step} until all members have reached it.`;
    return { action: "pause", explanation: explain(reason, { step }) };
  };

  return {
    population,
    snapshotEvery: interval,
    restore: (study) => members.restore(study),
    observe: (event, study) => {
      const trial = trialOf(event, study);
      if (trial !== undefined) members.update(trial);
    },
    decide: (trial, step, study) => {
      if (intervalAt(step, interval) === intervalAt(stepBefore(trial), interval))
        return { action: "continue" };
      return isSynchronous ? decideTogether(step, study) : decideAlone(trial, step, study);
    },
    resume: (study, isEnding = false, isClosed = isEnding) => {
      if (!isWhole(study) && !isClosed) return undefined;
      const failed = replaceFailed(study);
      if (failed !== undefined) return failed;
      if (!isSynchronous) return takeTurn(study);
      return nextOfRound(study) ?? (isEnding ? takeTurn(study) : undefined);
    },
  };
}
