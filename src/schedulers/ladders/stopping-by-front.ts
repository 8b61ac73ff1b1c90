import type { Decision } from "../../core/decision.js";
import type { Goal } from "../../core/goal.js";
import type { Scheduler } from "../../core/scheduler.js";
import {
  createFrontRungs,
  followBrackets,
  frontText,
  hasDiverged,
  placeValues,
  valuesText,
} from "../front-rungs.js";
import type { Brackets } from "./brackets.js";

/**
 * Asynchronous successive halving for several goals, or with constraints on metrics, for programs that cannot be paused:
 * a trial stops at a rung unless it is among the best `ceil(n / eta)` of the n trials that have reached the rung so far,
 * including itself. They are ordered by their front and by what they add to its hypervolume, feasible ones first (see
 * `placesOf`).
 *
 * @param rule the rule's name in explanations
 */
export function ashaStoppingByFront(brackets: Brackets, eta: number, goal: Goal, rule: string): Scheduler {
  const ladders = brackets.setups.map(createFrontRungs);
  return {
    ...followBrackets(brackets, ladders),
    decide: (trial): Decision => {
      const bracket = brackets.of(trial.number);
      const ladder = ladders[bracket];
      const rung = ladder?.highest(trial.number);
      if (ladder === undefined || rung === undefined || !ladder.isArrival(trial))
        return { action: "continue" };
      const at = ladder.placesAt(rung).get(trial.number);
      if (at === undefined) return { action: "continue" };
      const step = brackets.setups[bracket]?.steps[rung] ?? 0;
      const reached = ladder.reached(rung);
      const best = Math.ceil(reached / eta);
      const goesOn = at.place < best && !hasDiverged(at.record);
      return {
        action: goesOn ? "continue" : "stop",
        explanation: {
          rule,
          reason:
            `With ${valuesText(at.record, goal)} at rung ${step} it is ${frontText(at)} and has rank ${at.place + 1} of ` +
            `${reached} so far: ${goesOn ? "within" : "beyond"} the best ${best}, one in ${eta}.`,
          values: { ...placeValues(at, goal), rung: step, bracket, reached, best },
        },
      };
    },
  };
}
