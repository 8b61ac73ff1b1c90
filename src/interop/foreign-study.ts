import type { Goal } from "../core/goal.js";
import type { Json } from "../core/json.js";
import type { Params, Space } from "../core/param.js";
import type { TrialState } from "../core/trial.js";

/** A trial of another tool's study, in our terms. */
export interface ForeignTrial {
  readonly params: Params;
  readonly state: TrialState;
  /** In the order of the steps, which strictly increase, by the tool's own counting. */
  readonly reports: readonly ForeignReport[];
  /** When it was begun and when it ended, in milliseconds since 1970; undefined if the tool does not say. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Why it failed, if it did and the tool says so. */
  readonly failure?: string;
  readonly attributes: Readonly<Record<string, Json>>;
}

/** What a training had reached at a step. */
export interface ForeignReport {
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Another tool's study, in our terms. */
export interface ForeignStudy {
  /** The tool: `optuna`. */
  readonly tool: string;
  /** The study's name there. */
  readonly name: string;
  readonly goal: Goal;
  readonly space: Space;
  readonly trials: readonly ForeignTrial[];
  /** See `ImportOrigin.finalValues`. */
  readonly finalValues: boolean;
  /** What could not be taken over as it is, one sentence each. */
  readonly warnings: readonly string[];
}
