import { costOf, type Goal } from "../../core/goal.js";
import type { Study } from "../../core/study.js";
import { lastStep, type Trial } from "../../core/trial.js";
import { compareMembers, type Member, takesPart } from "./members.js";

/** The interval that all members of a synchronous population have completed, and from which some have yet to go on. */
export interface Round {
  /** The step that all have reached. */
  readonly step: number;
  /** Whether members may already be replaced. */
  readonly isSelecting: boolean;
  /** All members as they were at that step, fittest first; those replaced since are last. */
  readonly ranking: readonly Member[];
  /** Those that wait there, least fit first: they go on before members whose models they may need. */
  readonly due: readonly Member[];
}

/** Finds a study's current {@link Round}. */
export interface Rounds {
  /** Undefined while any member is still on its way to it, or about to pause there. */
  find(study: Study): Round | undefined;
}

/** A trial's first value of the goal metric at or after a step, if any; NaN or infinite if it diverged. */
function valueFrom({ curve }: Trial, metric: string, step: number): number | undefined {
  const column = curve.metrics.get(metric) ?? [];
  const index = column.findIndex((value, place) => value !== null && (curve.steps[place] ?? 0) >= step);
  return column[index] ?? undefined;
}

/** Creates the {@link Rounds} of a population. */
export function createRounds(setup: {
  readonly goal: Goal;
  readonly interval: number;
  readonly burnIn: number;
}): Rounds {
  const { goal, interval, burnIn } = setup;
  const roundOf = (step: number): number => Math.floor(step / interval);

  const isPausing = (trial: Trial): boolean =>
    trial.state === "running" &&
    trial.decision?.action === "pause" &&
    trial.decision.step === lastStep(trial);

  return {
    find: (study) => {
      const members = study.trials.filter((trial) => takesPart(trial) && trial.state !== "failed");
      if (members.length === 0) return undefined;
      const round = Math.min(...members.map((trial) => roundOf(lastStep(trial))));
      const isAtRound = (trial: Trial): boolean => roundOf(lastStep(trial)) === round;
      if (members.some((trial) => isPausing(trial) && isAtRound(trial))) return undefined;
      const step = round * interval;
      const isReplaced = ({ exploiting, inheritances }: Trial): boolean => {
        const last = inheritances.at(-1);
        return exploiting !== undefined || (last !== undefined && roundOf(last.at) === round);
      };
      // Trials that ended after this step were ranked at it like the others.
      const ended = study.trials.filter((trial) => trial.state === "complete" && lastStep(trial) > step);
      const ranking = [...members, ...ended]
        .map((trial): Member => {
          const value = isReplaced(trial) ? Number.NaN : (valueFrom(trial, goal.metric, step) ?? Number.NaN);
          return { trial, value, cost: costOf(value, goal) };
        })
        .sort(compareMembers);
      const due = ranking.filter(({ trial }) => trial.state === "paused" && isAtRound(trial)).reverse();
      return { step, isSelecting: round > 0 && step >= burnIn, ranking, due };
    },
  };
}
