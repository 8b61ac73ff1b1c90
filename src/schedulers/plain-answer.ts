// How tests compare a scheduler with its definition. Only tests use it.
import type { Decision, Explanation } from "../core/decision.js";
import type { Resumption, Scheduler } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import type { Trial } from "../core/trial.js";

/** What is decided, or which trial goes on, with the values of the explanation, if there is one. */
export interface PlainAnswer {
  readonly action: Decision["action"] | "resume";
  readonly trial: number;
  readonly values: Explanation["values"] | undefined;
}

/** A definition: every answer from the whole study. */
export interface PlainScheduler {
  decide(trial: Trial, step: number, study: Study): PlainAnswer;
  resume(study: Study, isEnding: boolean, isClosed: boolean): PlainAnswer | undefined;
}

const sorted = (values: Explanation["values"] | undefined) =>
  values && Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** An answer as a text, by which answers are compared. */
function told(answer: PlainAnswer | undefined): string {
  return answer === undefined
    ? "nothing"
    : JSON.stringify([answer.action, answer.trial, sorted(answer.values)]);
}

/** The answers of a product that were not those of the definition, and how often each action was right. */
export interface Compared {
  readonly found: string[];
  readonly counts: Map<PlainAnswer["action"], number>;
}

/** A product that is compared with its definition whenever it is asked. */
export function compared(product: Scheduler, plain: PlainScheduler, { found, counts }: Compared): Scheduler {
  const compare = (events: number, actual?: PlainAnswer, wanted?: PlainAnswer): void => {
    const [said, meant] = [told(actual), told(wanted)];
    if (wanted !== undefined) counts.set(wanted.action, (counts.get(wanted.action) ?? 0) + 1);
    if (said !== meant) found.push(`after ${events} events: ${said}, by definition ${meant}`);
  };
  const resume = (study: Study, isEnding = false, isClosed = isEnding): Resumption | undefined => {
    const answer = product.resume?.(study, isEnding, isClosed);
    const actual =
      answer && ({ action: "resume", trial: answer.trial, values: answer.explanation.values } as const);
    compare(study.events, actual, plain.resume(study, isEnding, isClosed));
    return answer;
  };
  return {
    ...product,
    decide: (trial, step, study) => {
      const answer = product.decide(trial, step, study);
      const actual = { action: answer.action, trial: trial.number, values: answer.explanation?.values };
      compare(study.events, actual, plain.decide(trial, step, study));
      return answer;
    },
    ...(product.resume === undefined ? {} : { resume }),
  };
}
