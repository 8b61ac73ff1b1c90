/**
 * What the page is given: plain JSON, except for curves. The page lays it out and computes nothing from it. Numbers that
 * are not finite are null. Texts are plain text from users and programs: show them as text, never as HTML.
 *
 * | path, below the source's root                  | answer                                  |
 * | ---------------------------------------------- | --------------------------------------- |
 * | `studies`                                      | {@link StudiesView}                     |
 * | `studies/STUDY`                                | {@link StudyView}                       |
 * | `studies/STUDY/trials`                         | {@link TrialTable}                      |
 * | `studies/STUDY/trials?filter=EXPRESSION`       | {@link FilteredTrials}                  |
 * | `studies/STUDY/trials/NUMBER`                  | {@link TrialView}                       |
 * | `studies/STUDY/trials/NUMBER/decisions/INDEX`  | {@link PlotView}: the curves compared   |
 * | `studies/STUDY/trials/NUMBER/output?from=BYTE` | {@link OutputView}                      |
 * | `studies/STUDY/plots/PLOT?metric=M&params=A`   | {@link PlotView}                        |
 * | `studies/STUDY/curves?metric=M&since=EVENTS`   | binary, see `curve-columns.ts`          |
 * | `studies/STUDY/rungs`                          | {@link RungsView}                       |
 * | `studies/STUDY/timeline`                       | {@link PlotView}: workers over time     |
 * | `studies/STUDY/happenings`                     | {@link HappeningsView}                  |
 * | `studies/STUDY/population`                     | {@link PopulationView}                  |
 * | `studies/STUDY/what-if?scheduler=NAME`         | {@link WhatIfView}                      |
 * | `compare?studies=A&studies=B`                  | {@link CompareView}                     |
 * | `studies/STUDY/live`                           | server-sent events, each {@link Change} |
 * | POST `studies/STUDY/requests`                  | {@link RequestAnswer}                   |
 *
 * What has several values is named several times. Errors have a status of 4xx or 5xx and a {@link ProblemView}.
 */
import type { Figure } from "../plots/figure.js";

/** Why a path has no answer. */
export interface ProblemView {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null };
}

/** How trials in a state look everywhere: curves, dots, badges. */
export interface FateView {
  readonly state: string;
  /** Hexadecimal. */
  readonly colour: string;
  readonly dash: "solid" | "dot" | "dash" | "dashdot";
}

/**
 * Whether somebody runs the study. `held`: a coordinator has it, and was asked to pause it; `away`: the coordinator that
 * the study is read from does not answer, so that it is shown as it was last heard.
 */
export type StudyState = "running" | "held" | "idle" | "finished" | "away";

/** A trial and what it is measured by. */
export interface RankedView {
  readonly trial: number;
  readonly value: number;
  readonly params: readonly ParamView[];
}

/** The best trial. */
export interface BestView extends RankedView {
  /** What speaks against it, such as that no training is complete; null: nothing. */
  readonly doubt: string | null;
}

/** A param and its value, as text. */
export interface ParamView {
  readonly name: string;
  readonly text: string;
  /** What to enter for the same value; absent if that is the text. */
  readonly exact?: string;
}

/** A number with its heading, ready to be shown. */
export interface FactView {
  readonly label: string;
  readonly text: string;
  /** In milliseconds since 1970: a moment, which is shown in the reader's time zone in place of the text. */
  readonly moment?: number;
  /** What it means or how it was found, in a sentence. */
  readonly hint?: string;
}

/** One row of the list of studies. */
export interface StudyRow {
  readonly name: string;
  readonly state: StudyState;
  /** `minimize loss`. */
  readonly goal: string;
  readonly best: number | null;
  readonly trials: number;
  readonly steps: number;
  readonly sampler: string;
  readonly scheduler: string;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  /** The best value over the steps spent: at most 32 points, evenly spaced in steps; empty before the first. */
  readonly spark: readonly number[];
  readonly tags: readonly string[];
}

/** All studies of the database. */
export interface StudiesView {
  /** The database, without passwords; null in a report. */
  readonly location: string | null;
  readonly version: string;
  /** Whether the caller may act. */
  readonly mayAct: boolean;
  readonly studies: readonly StudyRow[];
}

/** How many trials are in a state. */
export interface StateCount extends FateView {
  readonly count: number;
}

/** A plot that can be asked for. */
export interface PlotChoice {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly takes: readonly string[];
  /** In which part of the page it belongs. */
  readonly part: "overview" | "params" | "goals" | "population";
}

/** A study: the overview, and what the other views can be asked for. */
export interface StudyView {
  readonly name: string;
  readonly state: StudyState;
  /** Who runs it: `host, process 12`; null: nobody. */
  readonly holder: string | null;
  readonly goal: string;
  readonly direction: "minimize" | "maximize";
  /** The goal's metric first. */
  readonly metrics: readonly string[];
  /** The params in the order of the space. */
  readonly params: readonly string[];
  /** How many events this reflects. */
  readonly events: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly best: BestView | null;
  /** One per state, in the order of `TRIAL_STATES`, by which curves name states. */
  readonly counts: readonly StateCount[];
  readonly fates: readonly FateView[];
  readonly bestColour: string;
  /** Trials, steps, steps saved, seconds saved, workers, time left, what more budget buys, each where it is known. */
  readonly facts: readonly FactView[];
  /** Share of the budget that is spent, from 0 to 1; null without a limit. */
  readonly spent: number | null;
  readonly maxSteps: number | null;
  /** Sampler, scheduler, budget and space as text. */
  readonly definition: readonly FactView[];
  readonly plots: readonly PlotChoice[];
  readonly isPopulation: boolean;
  /** The schedulers that `what-if` knows; the first is the one to begin with. */
  readonly schedulers: readonly string[];
  readonly tags: readonly string[];
  readonly mayAct: boolean;
  /** Whether the coordinator that the study is read from does not answer: nothing can be asked of it. */
  readonly isAway: boolean;
  /** Who proposed how many trials, and how their best one ranks. */
  readonly proposers: readonly {
    readonly name: string;
    readonly trials: number;
    readonly best: number | null;
  }[];
}

/** A column of the table of trials. */
export interface TrialColumn {
  readonly name: string;
  readonly kind: "number" | "text";
  /**
   * One per trial, in the order of {@link TrialTable.trials}. In a column of numbers, null is a missing one, and a number
   * that is not finite is a word: `NaN`, `Infinity`, `-Infinity`.
   */
  readonly cells: readonly (number | string | null)[];
}

/** All trials, by column. The page sorts by cells, numbers by size. */
export interface TrialTable {
  readonly events: number;
  readonly trials: readonly number[];
  readonly columns: readonly TrialColumn[];
}

/** The trials for which an expression such as `lr < 0.01 && state == "complete"` holds. */
export interface FilteredTrials {
  readonly trials: readonly number[];
}

/** Something that was decided about a trial, or happened to it. */
export interface DecisionView {
  readonly step: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** `continue`, `pause`, `stop`, `exploit`, or `resume`. */
  readonly action: string;
  readonly rule: string;
  readonly reason: string;
  /** The numbers that it rests on, such as quantile, threshold, rank and forecast. */
  readonly values: readonly FactView[];
  readonly neighbours: readonly NeighbourView[];
  /** The steps at which curves were compared; empty if the rule names none. */
  readonly steps: readonly number[];
  /** Whether its curves can be asked for. */
  readonly hasPlot: boolean;
}

/** A curve that was compared, nearest first. */
export interface NeighbourView {
  /** Null: of an earlier study. */
  readonly trial: number | null;
  readonly name: string;
  readonly distance: number | null;
  /** Where it ended or is expected to end. */
  readonly end: number | null;
  readonly state: string;
}

/** Everything about one trial. */
export interface TrialView {
  readonly number: number;
  readonly state: string;
  readonly colour: string;
  readonly value: number | null;
  /** Its place among all trials with a value, from 1; null without one. */
  readonly rank: number | null;
  readonly ranked: number;
  readonly params: readonly ParamView[];
  readonly facts: readonly FactView[];
  /** One sentence: how it stands and why. */
  readonly conclusion: string;
  readonly decisions: readonly DecisionView[];
  readonly failures: readonly {
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
    readonly output: readonly string[];
  }[];
  readonly notes: readonly HappeningView[];
  readonly history: readonly StageView[];
  readonly tags: readonly string[];
  readonly hasOutput: boolean;
  /** Paths, below the source's root, of files to download. */
  readonly downloads: readonly { readonly label: string; readonly path: string; readonly bytes: number }[];
}

/** What the program printed, as it grows. */
export interface OutputView {
  /** The first byte of `text` in the file, and the byte to ask for next. */
  readonly from: number;
  readonly next: number;
  readonly text: string;
}

/** A plot with its words. */
export interface PlotView {
  readonly title: string;
  /** What it shows, in one sentence with figures, for those who cannot see it. */
  readonly sentence: string;
  readonly figure: Figure;
  /** Why the figure is empty; null if it is not. */
  readonly needs: string | null;
}

/** How far trials have come, rung by rung. */
export interface RungsView {
  readonly rungs: readonly {
    readonly step: number;
    /** How many trials reached it, and how many of these went on, wait here, and ended here. */
    readonly reached: number;
    readonly wentOn: number;
    readonly waiting: number;
    readonly ended: number;
    /** The goal metric there, best and worst of those that reached it. */
    readonly best: number | null;
    readonly worst: number | null;
  }[];
  readonly sentence: string;
}

/** Something that happened, newest first. */
export interface HappeningView {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly trial: number | null;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** Failures for the same reason. */
export interface FailuresView {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** How many trials failed so, and the first of them. */
  readonly count: number;
  readonly trials: readonly number[];
  /** The last lines that the program of the first one printed. */
  readonly output: readonly string[];
}

/** What went wrong, the most frequent first, and the newest notes. */
export interface HappeningsView {
  readonly failures: readonly FailuresView[];
  /** How many further reasons there are. */
  readonly otherFailures: number;
  readonly happenings: readonly HappeningView[];
}

/** A part of a model's training, by one trial. */
export interface StageView {
  readonly trial: number;
  readonly fromStep: number;
  readonly toStep: number;
  readonly params: readonly ParamView[];
}

/** A trial that went on with another one's model. */
export interface CopyView {
  /** Milliseconds since 1970; null if the log does not tell. */
  readonly time: number | null;
  readonly trial: number;
  /** The step and the goal metric of the model that it gave up. */
  readonly gaveUpStep: number;
  readonly gaveUpValue: number | null;
  readonly parent: number;
  /** The step and the goal metric of the model that it took over. */
  readonly step: number;
  readonly value: number;
  /** The params that it changed: `lr 0.1 -> 0.08`. */
  readonly changes: string;
}

/** How the models of a population came about. */
export interface PopulationView {
  /** The trial with the best value, and how its model was trained; null before the first value. */
  readonly best: { readonly trial: number; readonly history: readonly StageView[] } | null;
  /** The newest copies, newest first. */
  readonly copies: readonly CopyView[];
  /** How many there are in all, and how many could not be carried out. */
  readonly copiesInAll: number;
  readonly failedCopies: number;
}

/** The study replayed under another scheduler, beside what really happened. */
export interface WhatIfView {
  readonly scheduler: string;
  readonly plot: PlotView;
  /** Steps, best value and trials of both. */
  readonly facts: readonly { readonly label: string; readonly real: string; readonly replayed: string }[];
  /** What cannot be known from the record. */
  readonly caveat: string;
}

/** A line of a comparison: a text per study, and which of them are best, if that means anything. */
export interface ComparedLine {
  readonly label: string;
  readonly cells: readonly string[];
  readonly winners: readonly number[];
}

/** Several studies beside each other. */
export interface CompareView {
  readonly lines: readonly ComparedLine[];
  readonly plots: readonly PlotView[];
  readonly studies: readonly StudyRow[];
}

/** What grew; views that show it ask again. */
export interface Change {
  /** How many events the study has now. */
  readonly events: number;
  readonly state: StudyState;
}

/** What a person may ask of a study. */
export type RequestView =
  | { readonly kind: "pause" | "resume" | "stop"; readonly trials?: readonly number[] }
  /** A text stands for the option that reads so, or the number. */
  | { readonly kind: "enqueue"; readonly params: Readonly<Record<string, number | string | boolean>> }
  | { readonly kind: "budget"; readonly trials?: number; readonly steps?: number; readonly seconds?: number }
  | { readonly kind: "workers"; readonly count: number }
  | { readonly kind: "note"; readonly text: string; readonly trial?: number }
  | {
      readonly kind: "tags";
      readonly add: readonly string[];
      readonly remove: readonly string[];
      readonly trial?: number;
    };

/** The request is in the study's inbox. */
export interface RequestAnswer {
  /** `The coordinator takes it within a second.`, or that it waits until the study runs. */
  readonly message: string;
}
