import { z } from "zod";

const number = z.union([z.number(), z.enum(["nan", "inf", "-inf"])]);

/** What `tests/interop/optuna_study.py describe` prints: a study as Optuna itself reads it. */
export const optunaDescription = z.object({
  name: z.string(),
  direction: z.enum(["MINIMIZE", "MAXIMIZE"]),
  best: z.object({ number: z.number(), value: number }).nullable(),
  trials: z.array(
    z.object({
      state: z.enum(["COMPLETE", "PRUNED", "FAIL", "RUNNING", "WAITING"]),
      params: z.record(z.string(), z.json()),
      value: number.nullable(),
      intermediates: z.record(z.string(), number),
      user: z.record(z.string(), z.json()),
      fixed: z.record(z.string(), z.json()).nullish(),
    }),
  ),
});

/** A study as Optuna reads it. */
export type OptunaDescription = z.output<typeof optunaDescription>;

const WORDS: Readonly<Record<string, string>> = { nan: "NaN", inf: "Infinity", "-inf": "-Infinity" };
const STATES = {
  COMPLETE: "complete",
  PRUNED: "stopped",
  FAIL: "failed",
  RUNNING: "running",
  WAITING: "waiting",
};

const asExported = (value: number | string): number | string =>
  typeof value === "string" ? (WORDS[value] ?? value) : value;

/** A trial as `curvewise export` writes it. */
export const exportedTrial = z.object({
  number: z.number(),
  state: z.string(),
  params: z.record(z.string(), z.json()),
  curve: z.array(z.looseObject({ step: z.number() })),
});

/** What `curvewise export` has to write of trials that Optuna describes so, except for returned values. */
export function expectedTrials(
  { trials }: OptunaDescription,
  metric: string,
  shift: 0 | 1,
): z.output<typeof exportedTrial>[] {
  return trials.map(({ state, params, intermediates, fixed }, index) => ({
    number: index,
    state: STATES[state],
    params: state === "WAITING" ? (fixed ?? {}) : params,
    curve: Object.entries(intermediates).map(([step, value]) => ({
      step: Number(step) + shift,
      [metric]: asExported(value),
    })),
  }));
}
