import type { TrialState } from "../core/trial.js";

/** How trials in a state look, the same in every plot and table. */
export interface Fate {
  readonly state: TrialState;
  /** Hexadecimal, at least 3 to 1 in contrast on white and on near-black. */
  readonly colour: string;
  readonly dash: "solid" | "dot" | "dash" | "dashdot";
}

/**
 * The fates in the order in which their curves are drawn, so that complete ones are on top. The colours were chosen to
 * maximize the smallest distance under normal, deuteranopic and protanopic vision (Machado, Oliveira, Fernandes: "A
 * physiologically-based model for simulation of color vision deficiency", TVCG 2009); the dashes distinguish them
 * without colour.
 */
export const FATES: readonly Fate[] = [
  { state: "failed", colour: "#6b6f76", dash: "dot" },
  { state: "stopped", colour: "#bb7600", dash: "solid" },
  { state: "paused", colour: "#c850c0", dash: "dash" },
  { state: "waiting", colour: "#8a7a64", dash: "dot" },
  { state: "running", colour: "#2ca873", dash: "dashdot" },
  { state: "complete", colour: "#1f6fe5", dash: "solid" },
];

/** The best trial, wherever it is highlighted. */
export const BEST_COLOUR = "#d54643";

/** The colours of compared studies, in order; they repeat if there are more studies. */
export const STUDY_COLOURS: readonly string[] = [
  "#1f6fe5",
  "#bb7600",
  "#2ca873",
  "#c850c0",
  "#6b6f76",
  "#d54643",
];

/** From bad to good: orange, grey, blue, all of medium lightness, so that neither end fades on any background. */
export const BAD_TO_GOOD: readonly (readonly [number, string])[] = [
  [0, "#bb7600"],
  [0.35, "#c2a06a"],
  [0.65, "#7f9ac9"],
  [1, "#1f6fe5"],
];
