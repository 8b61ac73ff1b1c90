import type { Action, Neighbour } from "../core/decision.js";
import type { Metrics } from "../core/events.js";
import type { Study } from "../core/study.js";
import type { Figure } from "./figure.js";

/** One report, in the order of the log. A `reported` event is one. */
export interface Report {
  readonly trial: number;
  readonly step: number;
  readonly metrics: Metrics;
}

/** A study with its reports in the order of the log, which the study alone does not keep. */
export interface PlottedStudy {
  readonly study: Study;
  readonly reports: Iterable<Report>;
}

/** A decision about a trial, with the curves that it was made by, nearest first. A `decided` event has them. */
export interface PlottedDecision {
  readonly trial: number;
  readonly step: number;
  readonly action: Action;
  readonly neighbours?: readonly Neighbour[] | undefined;
}

/** What a plot is made from. */
export interface PlotInput extends PlottedStudy {
  /** The metric that is shown; the study's goal metric when absent. */
  readonly metric?: string;
  /** Other studies to lay beside this one, by plots that can. */
  readonly against?: readonly PlottedStudy[];
  /** The params that are shown, by plots that show some; chosen by the plot when absent. */
  readonly params?: readonly string[];
  /** The decision that is shown, by plots that show one; chosen by the plot when absent. */
  readonly decision?: PlottedDecision;
}

/** A plot: pure, from a study to a specification. */
export interface PlotDefinition {
  /** Kebab-case, as in the registry. */
  readonly name: string;
  /** A heading. */
  readonly title: string;
  /** One sentence: what the plot answers. */
  readonly summary: string;
  readonly render: (input: PlotInput) => Figure;
}
