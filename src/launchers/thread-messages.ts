import type { Metrics } from "../core/events.js";
import type { Failure } from "../core/failure.js";
import type { Assignment, ReportAnswer } from "../core/launcher.js";

/** What a training thread is started with. */
export interface ThreadStart {
  /** The URL of the module whose default export trains. */
  readonly module: string;
  /** The metric that a returned number is. */
  readonly metric: string | undefined;
  readonly assignment: Assignment;
}

/** What a training thread sends. Both ends have the same version, so nothing is checked. */
export type ThreadRequest =
  | {
      readonly kind: "report";
      readonly id: number;
      readonly step: number;
      readonly metrics: Metrics;
      readonly canExploit: boolean;
    }
  | { readonly kind: "snapshot"; readonly id: number; readonly step: number; readonly path: string }
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly message: string; readonly output: readonly string[] };

/** What a training thread is sent. */
export type ThreadReply =
  | { readonly kind: "action"; readonly id: number; readonly answer: ReportAnswer }
  | { readonly kind: "saved"; readonly id: number }
  | { readonly kind: "refused"; readonly id: number; readonly failure: Failure }
  | { readonly kind: "abort" };
