import type { Action, Explanation, Neighbour } from "../core/decision.js";
import type { Metrics } from "../core/events.js";
import type { MetricGoal } from "../core/goal.js";
import type { Study } from "../core/study.js";
import type { EndedTrial } from "../importance/index.js";
import type { Figure } from "./figure.js";

/** One report; a `reported` event is one. */
export interface Report {
  readonly trial: number;
  readonly step: number;
  readonly metrics: Metrics;
}

/** A study with its reports in log order, which the study alone does not keep. */
export interface PlottedStudy {
  readonly study: Study;
  readonly reports: Iterable<Report>;
}

/** A decision about a trial, with the curves that it was based on, nearest first, as in a `decided` event. */
export interface PlottedDecision {
  readonly trial: number;
  readonly step: number;
  readonly action: Action;
  readonly neighbours?: readonly Neighbour[] | undefined;
  /** The rule that decided and its numbers, as in the event's explanation. */
  readonly rule?: string;
  readonly values?: Explanation["values"];
}

/** What a plot is made from. */
export interface PlotInput extends PlottedStudy {
  /** The metric to show; by default the study's goal metric. */
  readonly metric?: string;
  /** Other studies to compare with this one, for plots that can. */
  readonly against?: readonly PlottedStudy[];
  /** The metrics of a front, for plots of several metrics; best trade-offs are known only if they are given. */
  readonly goals?: readonly MetricGoal[];
  /** The trials with their ends, known or forecast; by default worked out, which takes time where many were cut short. */
  readonly ends?: readonly EndedTrial[];
  /** The params to show, for plots of params; by default the plot chooses. */
  readonly params?: readonly string[];
  /** The decision to show, for plots of a decision; by default the plot chooses. */
  readonly decision?: PlottedDecision;
}

/** A plot: a pure function from a study to a specification. */
export interface PlotDefinition {
  /** Kebab-case, as in the registry. */
  readonly name: string;
  /** A heading. */
  readonly title: string;
  /** One sentence: what the plot shows. */
  readonly summary: string;
  /** What else it can be given. */
  readonly takes: readonly (keyof Pick<PlotInput, "metric" | "against" | "goals" | "params" | "decision">)[];
  /** What there must be for the plot to show anything, in words that follow "It needs". */
  readonly needs: string;
  readonly render: (input: PlotInput) => Figure;
}
