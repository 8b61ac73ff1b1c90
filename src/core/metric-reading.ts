/** What prints metrics in a known form, by the name that a study file gives it. */
export const PRINTED_FORMATS = [
  "keras",
  "lightning",
  "huggingface",
  "xgboost",
  "lightgbm",
  "fastai",
  "caffe",
  "pytorch-examples",
  "nanogpt",
  "sklearn",
  "tqdm",
] as const;
/** One of {@link PRINTED_FORMATS}. */
export type PrintedFormat = (typeof PRINTED_FORMATS)[number];

/** The forms of files of metrics that grow during a training. */
export const FILE_FORMATS = ["csv", "jsonl", "lightning-csv", "tensorboard"] as const;
/** One of {@link FILE_FORMATS}. */
export type FileFormat = (typeof FILE_FORMATS)[number];

/** The streams of a program that are read. */
export const OUTPUT_STREAMS = ["stdout", "stderr", "both"] as const;
/** One of {@link OUTPUT_STREAMS}. */
export type OutputStream = (typeof OUTPUT_STREAMS)[number];

/** How printed lines are searched. */
interface Searching {
  /** Which stream is read; absent: standard output. */
  readonly from?: OutputStream;
  /**
   * Which report of a step counts. `first`, also if absent: it is passed on at once. `last`: it is passed on when the
   * next step begins or the output ends, as for progress bars.
   */
  readonly take?: "first" | "last";
  /** The decimal sign; absent: a point. With a comma, points may be between thousands. */
  readonly decimal?: ",";
}

/**
 * How metrics are read from the output of a program that does not use the protocol.
 *
 * - `lines`: `curvewise {"step":3,"loss":0.31}`.
 * - `pairs`: the line's first match of `step` (one group: the step), then `name=value` pairs on it and on the lines that
 *   follow, up to the next step.
 * - `pattern`: a regular expression with named groups; `step`, and one group per metric.
 * - `patterns`: several of them, whose groups are merged up to the next step; one without `step` belongs to the step
 *   that was printed last.
 * - `format`: what a known tool prints. `every`, of Hugging Face's: the part of an epoch that is a step; absent: each
 *   evaluation is one.
 * - `file`: not from its output but from a file that it writes, a path in which `{dir}` and params are filled in, and
 *   which may have `*` and `**`. `step`: the column or key that is the step, for tables and JSON.
 */
export type MetricReading =
  | { readonly kind: "lines" }
  | ({ readonly kind: "pairs"; readonly step: string; readonly names: readonly string[] } & Searching)
  | ({ readonly kind: "pattern"; readonly pattern: string } & Searching)
  | ({ readonly kind: "patterns"; readonly patterns: readonly string[] } & Searching)
  | {
      readonly kind: "format";
      readonly format: PrintedFormat;
      /** Absent: the streams that the tool writes to. */
      readonly from?: OutputStream;
      readonly every?: number;
    }
  | {
      readonly kind: "file";
      readonly file: string;
      readonly format: FileFormat;
      readonly step?: string;
    };

/** Named groups as Python writes them, `(?P<step>..)`, in JavaScript's way. */
const inJavaScript = (source: string): string => source.replaceAll(/(?<!\\)((?:\\\\)*)\(\?P</g, "$1(?<");

/**
 * Compiles a regular expression of a study file, whose named groups may be written as in Python.
 *
 * @throws SyntaxError if it is not a valid one
 */
export const compilePattern = (source: string): RegExp => new RegExp(inJavaScript(source));

/** How many groups a pattern has, and their names, from a match that cannot fail. */
export function groupsOf(pattern: RegExp): { readonly count: number; readonly names: readonly string[] } {
  const match = new RegExp(`${pattern.source}|`).exec("");
  return { count: (match?.length ?? 1) - 1, names: Object.keys(match?.groups ?? {}) };
}
