import type { FileFormat } from "../../core/metric-reading.js";
import { createGatherer, type Finding, type MetricReader } from "../findings.js";
import { createLineSplitter, type LineSplitter } from "../line-splitter.js";
import { MAX_LINE, parseLooseJson } from "../trial-messages.js";
import { numberIn } from "./format.js";
import { BROKEN, createEventSplitter } from "./tensorboard.js";

/** The cells of a line of CSV; quotes may be around a cell, and twice within it. */
function cellsOf(line: string): string[] {
  const cells = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...cells].map(([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain.trim());
}

function note(message: string, hint: string): Finding {
  return { kind: "note", note: { code: "METRICS_FILE_INVALID", message, hint } };
}

/** The values of a row by their columns; those that are not numbers are left out. */
type Row = Map<string, number>;

/** Merges the rows of a step, in which different columns may be filled. A later value replaces an earlier one. */
function rowReader(
  rowOf: (line: string) => Row | Finding | undefined,
  step: string,
  left: ReadonlySet<string>,
): MetricReader {
  const gatherer = createGatherer();
  const read = (line: string): Finding[] => {
    const row = rowOf(line);
    if (row === undefined) return [];
    if (!(row instanceof Map)) return [row];
    const number = row.get(step);
    if (number === undefined) return [];
    const findings = gatherer.begin(number);
    for (const [name, value] of row) if (name !== step && !left.has(name)) gatherer.set(name, value);
    return findings;
  };
  return { read, end: gatherer.finish };
}

function csvRows(step: string): (line: string) => Row | Finding | undefined {
  let heads: readonly string[] | undefined;
  return (line) => {
    const cells = cellsOf(line.replace(/^\uFEFF/, ""));
    if (heads === undefined) {
      heads = cells;
      if (heads.includes(step)) return undefined;
      return note(
        `the file of metrics has no column "${step}", but ${heads.join(", ").slice(0, 200)}`,
        "Name the column that is the step as metrics.step.",
      );
    }
    const row = new Map<string, number>();
    for (const [index, name] of heads.entries()) {
      const value = numberIn(cells[index]);
      if (value !== undefined) row.set(name, value);
    }
    return row;
  };
}

function jsonRows(step: string): (line: string) => Row | Finding | undefined {
  return (line) => {
    let value: unknown;
    try {
      value = parseLooseJson(line);
    } catch {
      return note(
        `a line of the file of metrics is not JSON: ${line.slice(0, 80)}`,
        'Write a line such as {"step":3,"loss":0.31} for each report.',
      );
    }
    const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
    const row = new Map<string, number>();
    for (const [name, each] of entries) {
      const number = typeof each === "number" ? each : numberIn(typeof each === "string" ? each : undefined);
      if (number !== undefined) row.set(name, number);
    }
    if (row.has(step)) return row;
    return note(
      `a line of the file of metrics has no number "${step}": ${line.slice(0, 80)}`,
      "Name the key that is the step as metrics.step.",
    );
  };
}

/** The lines of {@link createEventSplitter}. */
function eventRows(): (line: string) => Row | Finding | undefined {
  const rowOf = jsonRows("step");
  return (line) =>
    line === BROKEN
      ? note(
          "the file of metrics is not an event file of TensorBoard, or is broken from here on",
          "Name the file that a SummaryWriter writes, and let nothing else write to it.",
        )
      : rowOf(line);
}

/** What Lightning's CSVLogger counts with; neither is a metric. */
const LIGHTNING_COUNTS = ["epoch", "step"] as const;

/**
 * The readers of a file of metrics, line by line. The rows of a step are one report, passed on when a row of another
 * step comes or the file ends.
 *
 * - `csv`: a head, then rows; empty cells and those that are not numbers are left out.
 * - `jsonl`: an object on each line.
 * - `lightning-csv`: what the CSVLogger of Lightning writes. Epochs are steps, and count from 0.
 * - `tensorboard`: event files, whose scalars are read as lines of JSON.
 */
export const FILES: {
  readonly [Name in FileFormat]: {
    /** What the program calls its first step; absent: what the study says. */
    readonly firstStep?: 0;
    /** Whether the first line says what the others mean. */
    readonly hasHead: boolean;
    /** Makes lines of the file's bytes; absent: they are lines. */
    split?(): LineSplitter;
    /** @param step the column or key that is the step */
    create(step: string | undefined): MetricReader;
  };
} = {
  csv: { hasHead: true, create: (step = "step") => rowReader(csvRows(step), step, new Set()) },
  jsonl: { hasHead: false, create: (step = "step") => rowReader(jsonRows(step), step, new Set()) },
  "lightning-csv": {
    firstStep: 0,
    hasHead: true,
    create: (step = "epoch") => rowReader(csvRows(step), step, new Set(LIGHTNING_COUNTS)),
  },
  tensorboard: {
    hasHead: false,
    split: createEventSplitter,
    create: () => rowReader(eventRows(), "step", new Set()),
  },
};

/** Makes lines of what a file of metrics holds. */
export const splitFile = (format: FileFormat): LineSplitter =>
  FILES[format].split?.() ?? createLineSplitter({ limit: MAX_LINE, returns: false });
