// Asynchronous successive halving once more, written out from the documentation of `asha` and of its parts: every answer is
// worked out from the whole study, without any state. Tests compare the product with it; nothing else uses it.
import { costOf, type Goal } from "../../core/goal.js";
import type { Study } from "../../core/study.js";
import type { Trial } from "../../core/trial.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import type { PlainAnswer, PlainScheduler } from "../plain-answer.js";
import { plainCosts, plainRecord } from "../plain-rungs.js";

export interface PlainAshaSettings {
  readonly goal: Goal;
  readonly seed: number;
  readonly maxSteps: number;
  readonly eta: number;
  readonly minSteps: number;
  readonly brackets: number;
}

interface Standing {
  readonly trial: number;
  readonly bracket: number;
  readonly step: number;
  readonly cost: number;
}

const before = (a: Standing, b: Standing): number =>
  a.cost < b.cost ? -1 : a.cost > b.cost ? 1 : a.trial - b.trial;

/** The rungs of all brackets, each with the end; and which trial is in which. */
function ladders({ seed, maxSteps, eta, minSteps, brackets }: PlainAshaSettings) {
  const powers = Array.from({ length: 60 }, (_, power) => minSteps * eta ** power);
  const steps = powers.filter((step) => step < maxSteps);
  const count = Math.max(1, Math.min(brackets, steps.length));
  const rungs = Array.from({ length: count }, (_, bracket) => [...steps.slice(bracket), maxSteps]);
  // Hyperband's numbers of trials: (S + 1) / (s + 1) * eta^s, s rungs being left.
  const shares = rungs.map((_, bracket) => {
    const left = steps.length - bracket;
    return ((steps.length + 1) / (left + 1)) * eta ** left;
  });
  const total = shares.reduce((sum, share) => sum + share, 0);
  const bracketOf = (trial: number): number => {
    if (count === 1) return 0;
    const drawn = createRandom(seed, trial, PURPOSE.scheduler).uniform() * total;
    return shares.findIndex(
      (_, bracket) => drawn < shares.slice(0, bracket + 1).reduce((sum, share) => sum + share, 0),
    );
  };
  return { rungs, bracketOf };
}

/** Whatever was recorded at each rung, best first, by bracket and then by rung. */
function recordsOf(settings: PlainAshaSettings, study: Study): Standing[][][] {
  const { rungs, bracketOf } = ladders(settings);
  return rungs.map((own, bracket) =>
    own.slice(0, -1).map((step, place) =>
      study.trials
        .filter(({ number }) => bracketOf(number) === bracket)
        .flatMap((trial) => {
          const cost = plainCosts(trial, settings.goal, own)[place];
          return cost === undefined ? [] : [{ trial: trial.number, bracket, step, cost }];
        })
        .sort(before),
    ),
  );
}

/** The values of an explanation. */
function told({ goal, eta }: PlainAshaSettings, at: Standing, reached: readonly Standing[]) {
  const promotable = Math.floor(reached.length / eta);
  const limit = reached[promotable - 1]?.cost ?? Number.POSITIVE_INFINITY;
  return {
    rung: at.step,
    bracket: at.bracket,
    reached: reached.length,
    promotable,
    rank: reached.findIndex(({ trial }) => trial === at.trial) + 1,
    value: costOf(at.cost, goal),
    ...(limit === Number.POSITIVE_INFINITY ? {} : { threshold: costOf(limit, goal) }),
  };
}

/** Where a trial was recorded last. */
function standingOf(records: readonly Standing[][][], trial: number): Standing | undefined {
  return records.flat(2).findLast((each) => each.trial === trial);
}

/** The first that may go on, from the deepest rung to the first, of those that are paused and one that just arrived. */
function next({ eta }: PlainAshaSettings, records: readonly Standing[][][], study: Study, arriving?: number) {
  const rungs = records
    .flat()
    .filter(([first]) => first !== undefined)
    .toSorted(([a], [b]) => (b?.step ?? 0) - (a?.step ?? 0) || (a?.bracket ?? 0) - (b?.bracket ?? 0));
  for (const reached of rungs) {
    const there = reached
      .slice(0, Math.floor(reached.length / eta))
      .filter(({ trial, cost }) => cost < Number.POSITIVE_INFINITY && isThere(trial));
    const first = there.find((each) => standingOf(records, each.trial) === each);
    if (first !== undefined) return first;
  }
  return undefined;

  function isThere(trial: number): boolean {
    return trial === arriving || study.trials[trial]?.state === "paused";
  }
}

/** Type promotion. */
export function plainPromotion(settings: PlainAshaSettings): PlainScheduler {
  const { goal } = settings;
  const { rungs, bracketOf } = ladders(settings);
  const reachedWith = (records: readonly Standing[][][], at: Standing): Standing[] =>
    records.flat().find((reached) => reached.includes(at)) ?? [];
  return {
    decide: (trial: Trial, _step, study): PlainAnswer => {
      const { number } = trial;
      const bracket = bracketOf(number);
      const record = plainRecord(trial, goal, rungs[bracket] ?? []);
      if (record === undefined) return { action: "continue", trial: number, values: undefined };
      const records = recordsOf(settings, study);
      const at = standingOf(records, number);
      if (at === undefined) throw new Error("it was recorded nowhere");
      const reached = reachedWith(records, at);
      if (at.cost === Number.POSITIVE_INFINITY) {
        const values = { rung: at.step, bracket, reached: reached.length };
        return { action: "stop", trial: number, values };
      }
      const isNext = next(settings, records, study, number)?.trial === number;
      return { action: isNext ? "continue" : "pause", trial: number, values: told(settings, at, reached) };
    },
    resume: (study, isEnding): PlainAnswer | undefined => {
      const records = recordsOf(settings, study);
      let at = next(settings, records, study);
      if (at === undefined && isEnding && study.trials.every(({ state }) => state !== "complete")) {
        const paused = study.trials
          .filter(({ state }) => state === "paused")
          .flatMap(({ number }) => standingOf(records, number) ?? [])
          .filter(({ cost }) => cost < Number.POSITIVE_INFINITY);
        const deepest = Math.max(...paused.map(({ step }) => step));
        at = paused.filter(({ step }) => step === deepest).sort(before)[0];
      }
      return (
        at && { action: "resume", trial: at.trial, values: told(settings, at, reachedWith(records, at)) }
      );
    },
  };
}

/** Type stopping: a trial goes on that is among the best ceil(n / eta) of the n that came to the rung until then. */
export function plainStopping(settings: PlainAshaSettings): PlainScheduler {
  const { goal, eta } = settings;
  const { rungs, bracketOf } = ladders(settings);
  return {
    decide: (trial, _step, study): PlainAnswer => {
      const { number } = trial;
      const bracket = bracketOf(number);
      const own = rungs[bracket] ?? [];
      const record = plainRecord(trial, goal, own);
      if (record === undefined) return { action: "continue", trial: number, values: undefined };
      const { place, cost } = record;
      const costs = (recordsOf(settings, study)[bracket]?.[place] ?? []).map((each) => each.cost);
      const best = Math.ceil(costs.length / eta);
      const values = { rung: own[place] ?? 0, bracket, reached: costs.length, best };
      if (cost === Number.POSITIVE_INFINITY) return { action: "stop", trial: number, values };
      const rank = costs.indexOf(cost) + 1;
      const limit = costs[best - 1] ?? Number.POSITIVE_INFINITY;
      const threshold = limit === Number.POSITIVE_INFINITY ? {} : { threshold: costOf(limit, goal) };
      return {
        action: rank <= best ? "continue" : "stop",
        trial: number,
        values: { ...values, rank, value: costOf(cost, goal), ...threshold },
      };
    },
    resume: () => undefined,
  };
}
