import type { JsonNumber } from "../core/json.js";
import type { TrialState } from "../core/trial.js";

/** A cell of the table of trials: missing values are null, numbers that JSON cannot represent are words. */
export type CellValue = string | number | boolean | null;

/** A decision, ready to show. */
export interface DecisionData {
  readonly step: number;
  readonly action: string;
  readonly rule: string;
  readonly reason: string;
  readonly values: readonly (readonly [string, JsonNumber])[];
  readonly steps: readonly number[];
  /** Trials of earlier studies by `study/number`; `end`: where their trainings ended or were expected to. */
  readonly neighbours: readonly (readonly [trial: number | string, distance: JsonNumber, end: JsonNumber])[];
  /** How many neighbours there were; not all may be listed. */
  readonly neighbourCount: number;
}

/** A trial's failure, ready to show. */
export interface FailureData {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** The last lines that the program printed. */
  readonly output: readonly string[];
}

/** What the expanded row of a trial shows. */
export interface DetailData {
  /** Facts by name. */
  readonly facts: readonly (readonly [string, string])[];
  readonly decision: DecisionData | null;
  /**
   * The curves at that decision, with references into {@link TableData.pool}; null if there is nothing to
   * draw.
   */
  readonly figure: Packed | null;
  readonly failure: FailureData | null;
}

/** A row of the table of trials. */
export interface RowData {
  readonly number: number;
  readonly state: TrialState;
  /** In the order of {@link TableData.columns}. */
  readonly cells: readonly CellValue[];
  /** Null if the study has so many trials that the page leaves this one's out. */
  readonly details: DetailData | null;
}

/** A column of the table of trials; `first` is the end that comes first at the first click. */
export interface ColumnData {
  readonly label: string;
  readonly kind: "state" | "number" | "text";
  readonly first: "low" | "high";
}

/** Everything that the table of one study shows. */
export interface TableData {
  readonly study: string;
  readonly columns: readonly ColumnData[];
  readonly rows: readonly RowData[];
  /** The parts that the rows' figures share. */
  readonly pool: readonly Packed[];
}

/**
 * A long column of a figure, packed. `f4`, `f8`: base64 of little-endian floats, NaN for null. `runs`: texts
 * with how often each repeats.
 */
export type PackedColumn =
  | { readonly packed: "f4" | "f8"; readonly data: string }
  | { readonly packed: "runs"; readonly runs: [string, number][] };

/** JSON in which long columns may be packed. */
export type Packed =
  | string
  | number
  | boolean
  | null
  | PackedColumn
  | Packed[]
  | { readonly [key: string]: Packed };

/** The figures of one place on the page: by metric, in the order of the study's metrics. */
export interface FigureSlot {
  /** The id of the element. */
  readonly id: string;
  /** The file name of a saved picture. */
  readonly fileName: string;
  readonly figures: readonly Packed[];
}
