import type { Decision } from "../decision.js";
import { type Pace, secondsPerStart, secondsPerStep } from "../pace.js";
import type { Study } from "../study.js";

/**
 * The part of a start, in steps, from which on a pause pays. A pause at step s gives the worker to another trial. That
 * one mostly has to be started, even where paused programs wait in memory, and a paused one may need a second start. If
 * one trial in three goes on at each rung, and each rung is three times as far as the one before, pauses save two in
 * three trials 2 s steps each: at a quarter of a start, that is a tenth of what starting and training them to the next
 * rung costs, and before it hardly worth the risk of pausing the wrong ones.
 */
const WORTH = 1 / 4;

/**
 * The first step at which a pause pays in a study, by what starts and steps have taken; infinite where steps take no
 * time; undefined until a start and a further step were timed.
 */
export function firstPause(pace: Pace): number | undefined {
  const [start, step] = [secondsPerStart(pace), secondsPerStep(pace)];
  if (start === undefined || step === undefined) return undefined;
  return start === 0 ? 0 : (WORTH * start) / step;
}

/**
 * What a training is told instead of a decision: if the study counts starts, it is not paused so early that starts
 * cost more than pauses save, nor before it is known what a start costs. This follows from the log alone, whose times are
 * those of its events.
 */
export function unlessTooDear(
  { definition, pace }: Pick<Study, "definition" | "pace">,
  step: number,
  decision: Decision,
): Decision {
  if (definition.countStarts !== true || decision.action !== "pause") return decision;
  const first = firstPause(pace);
  if (first !== undefined && step >= first) return decision;
  const goOn = (why: string, values: Readonly<Record<string, number>>): Decision => ({
    action: "continue",
    explanation: {
      rule: "start-cost",
      reason: `${decision.explanation.rule} would pause at step ${step}, but ${why}`,
      values,
    },
  });
  if (first === undefined) return goOn("it is not known yet what a start costs", {});
  const [start = 0, each = 0] = [secondsPerStart(pace), secondsPerStep(pace)];
  const known = { secondsPerStart: start, secondsPerStep: each };
  if (!Number.isFinite(first)) return goOn("steps take no time beside a start: pausing never pays", known);
  const length = `a start takes as long as ${(start / each).toPrecision(3)} steps`;
  return goOn(`${length}: pausing pays from step ${Math.ceil(first)}`, { ...known, firstPause: first });
}
