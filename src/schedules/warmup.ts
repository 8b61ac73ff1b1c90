import { z } from "zod";
import { scheduleError } from "./schedule-definition.js";

/** How a schedule is warmed up. */
export const warmupOptions = z.strictObject({
  duration: z.int().min(0).describe("How long the rate rises, in the schedule's unit; 0 for no warmup."),
  start: z.number().min(0).max(1).default(0).describe("The share of the schedule's first rate to start at."),
});

/** How a schedule is warmed up. */
export type Warmup = z.output<typeof warmupOptions>;

/** @throws CurvewiseError `SCHEDULE_INVALID` */
export function parseWarmup(input: unknown): Warmup {
  const parsed = warmupOptions.safeParse(input);
  if (!parsed.success) throw scheduleError("warmup", parsed.error, Object.keys(warmupOptions.shape));
  return parsed.data;
}

/**
 * Puts a linear warmup before a schedule, which begins once the warmup is over. With the schedule's rate f and w =
 * duration: rate(t) = f(0) * (start + (1 - start) * t / w) for t < w, and f(t - w) from then on (Goyal et al.,
 * "Accurate, large minibatch SGD", 2017). In PyTorch: a SequentialLR of LinearLR and the schedule. With `start: 0` the
 * first iteration changes nothing.
 *
 * @example warmUp(cosine({ rate: 0.1, duration: 10_000 }), { duration: 500 })
 * @throws CurvewiseError `SCHEDULE_INVALID`
 */
export function warmUp<Kind extends object>(
  schedule: Kind,
  options: z.input<typeof warmupOptions>,
): Kind & { readonly warmup: Warmup } {
  return { ...schedule, warmup: parseWarmup(options) };
}

/** The rate of a schedule with a warmup; `rateAt` gives that of the schedule alone. */
export function warmedRate(
  { duration, start }: Warmup,
  time: number,
  rateAt: (time: number) => number,
): number {
  if (time >= duration) return rateAt(time - duration);
  return rateAt(0) * (start + ((1 - start) * time) / duration);
}
