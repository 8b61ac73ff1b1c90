import type { Exploit } from "./exploit.js";

/**
 * What a training is told at a report. `exploit`: go on with another trial's model and other params, both given; only
 * trainings that declare support for it are told so, the others are stopped and restarted from that model.
 */
export type Action = "continue" | "pause" | "stop" | "exploit";

/** A trial whose curve was compared, nearest first. */
export interface Neighbour {
  readonly trial: number;
  /** The earlier study that the trial belongs to; absent: this one. */
  readonly study?: string;
  /** Euclidean distance to its curve over the compared points, in the metric's own unit. */
  readonly distance: number;
  /** Its performance: the goal metric at the end of its complete training. */
  readonly performance?: number;
  /** Where its training was expected to end, in the goal metric; for a complete one, its best value. */
  readonly forecast?: number;
}

/**
 * Where a neighbour's training ended or was expected to end, in the goal metric: what it says about the trial that was
 * compared with it. NaN when it diverged. Older logs, which do not tell the two apart, have forecasts as `performance`.
 */
export function neighbourEnd({ performance, forecast }: Pick<Neighbour, "performance" | "forecast">): number {
  return forecast ?? performance ?? Number.NaN;
}

/** How a neighbour is shown: its number, preceded by its study's name if that is an earlier one. */
export function neighbourName({ trial, study }: Pick<Neighbour, "trial" | "study">): string {
  return study === undefined ? String(trial) : `${study}/${trial}`;
}

/** Why a scheduler decided as it did, in enough detail to check it by hand. */
export interface Explanation {
  /** Which rule decided: `lcm/poster`, `median`. */
  readonly rule: string;
  /** One sentence for a person. */
  readonly reason: string;
  /** The numbers that went into the decision, by name: `prediction`, `rankPercentage`, `threshold`, `margin`. */
  readonly values: Readonly<Record<string, number>>;
  /** The steps at which curves were compared. */
  readonly steps?: readonly number[];
  /** The curves compared with the trial's. */
  readonly neighbours?: readonly Neighbour[];
}

/** An answer to a report. Without an explanation it is not recorded, so only `continue` may lack one. */
export type Decision =
  | { readonly action: "continue"; readonly explanation?: Explanation }
  | { readonly action: "pause" | "stop"; readonly explanation: Explanation }
  | { readonly action: "exploit"; readonly explanation: Explanation; readonly exploit: Exploit };
