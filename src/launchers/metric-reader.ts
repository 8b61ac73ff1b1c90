import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { namesPrototype } from "../core/json.js";
import type { MetricReading, OutputStream } from "../core/metric-reading.js";
import { fileCommand, parseCommand } from "./command-template.js";
import { type Finding, lastOfSteps, type MetricReader } from "./findings.js";
import { FILES } from "./formats/files.js";
import { PRINTED } from "./formats/index.js";
import { decodeMetrics } from "./metric-values.js";
import { pairReader, patternReader, patternsReader } from "./pattern-readers.js";
import { metricValue, parseLooseJson } from "./trial-messages.js";

const METRIC_LINE = /^\s*curvewise\s+(\{.*)$/;
/** After what logging libraries put before each line: it ends with a level, a digit of a time, or a sign. */
const LOGGED_LINE =
  /(?:[:\]|>)-]|\d|\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR))(?:(?<=[:\]|>)-])|\s)\s*curvewise\s+(\{.*\})\s*$/i;

const lineSchema = z.record(z.string(), metricValue);

function invalidLine(message: string): Finding {
  return {
    kind: "note",
    note: {
      code: "LINE_INVALID",
      message,
      hint: 'Print lines such as curvewise {"step":3,"loss":0.31}.',
    },
  };
}

function isJson(text: string): boolean {
  try {
    parseLooseJson(text);
    return true;
  } catch {
    return false;
  }
}

function lineReader(): MetricReader {
  const logged = (line: string): string | undefined => {
    const text = LOGGED_LINE.exec(line)?.[1];
    // Such a line may also just mention a report.
    return text !== undefined && isJson(text) ? text : undefined;
  };
  const read = (coloured: string): Finding[] => {
    const line = stripVTControlCharacters(coloured);
    const text = METRIC_LINE.exec(line)?.[1] ?? logged(line);
    if (text === undefined) return [];
    const shown = text.length > 80 ? `${text.slice(0, 80)}...` : text;
    let value: unknown;
    try {
      value = parseLooseJson(text);
    } catch {
      return [invalidLine(`what follows "curvewise" on a line is not valid JSON: ${shown}`)];
    }
    if (namesPrototype(value)) return [invalidLine(`"__proto__" cannot be the name of a metric: ${shown}`)];
    const parsed = lineSchema.safeParse(value);
    if (!parsed.success) return [invalidLine(`a metric is not a number: ${shown}`)];
    const { step, ...metrics } = parsed.data;
    if (typeof step !== "number") return [invalidLine(`there is no step in ${shown}`)];
    return [{ kind: "report", step, metrics: decodeMetrics(metrics) }];
  };
  return { read, end: () => [] };
}

/** What a reader of output must know besides the study's definition of it. */
export interface ReadingContext {
  /** 0: the program calls its first step 0, which is step 1 to everything else. */
  readonly firstStep?: 0 | undefined;
  /** The step from which the training goes on, as the study counts it; absent: from the beginning. */
  readonly after?: number | undefined;
}

/** Which streams of a program a definition reads metrics from. */
export function streamsOf(reading: MetricReading): OutputStream | "none" {
  switch (reading.kind) {
    case "lines":
      return "stdout";
    case "file":
      return "none";
    case "format":
      return reading.from ?? PRINTED[reading.format].from;
    default:
      return reading.from ?? "stdout";
  }
}

function readerOf(reading: MetricReading, after: number): MetricReader {
  switch (reading.kind) {
    case "lines":
      return lineReader();
    case "format": {
      const { every } = reading;
      return PRINTED[reading.format].create({ after, every });
    }
    case "file":
      return FILES[reading.format].create(reading.step);
    case "pairs":
      return pairReader(reading.step, reading.names, reading.decimal ?? ".");
    case "pattern":
      return patternReader(reading.pattern, reading.decimal ?? ".");
    case "patterns":
      return patternsReader(reading.patterns, reading.take ?? "first", reading.decimal ?? ".");
  }
}

/**
 * What a program calls its first step: what the tool that it is built on does, or else what the study says.
 *
 * @param said what the study says
 */
export function firstStepOf(reading: MetricReading, said: 0 | undefined): 0 | 1 {
  const { firstStep = said ?? 1 } =
    reading.kind === "format"
      ? PRINTED[reading.format]
      : reading.kind === "file"
        ? FILES[reading.format]
        : {};
  return firstStep;
}

/** Counts steps from 1 that the program counts from 0. */
function fromStepZero({ read, end }: MetricReader): MetricReader {
  const counted = (findings: readonly Finding[]): Finding[] =>
    findings.map((finding) => (finding.kind === "report" ? { ...finding, step: finding.step + 1 } : finding));
  return { read: (line) => counted(read(line)), end: () => counted(end()) };
}

/**
 * Creates the reader for a study's definition: of the lines of its output, or of its file. Steps are as the study
 * counts them, from 1.
 *
 * @throws CurvewiseError `METRICS_INVALID` if a pattern is not a valid regular expression, or lacks the
 *   groups that it needs
 */
export function createMetricReader(
  reading: MetricReading,
  { firstStep, after = 0 }: ReadingContext = {},
): MetricReader {
  const plain = readerOf(reading, after);
  const reader = "take" in reading && reading.take === "last" ? lastOfSteps(plain) : plain;
  return firstStepOf(reading, firstStep) === 0 ? fromStepZero(reader) : reader;
}

/**
 * Checks how metrics are to be read, before anything runs.
 *
 * @throws CurvewiseError `METRICS_INVALID`; `COMMAND_INVALID` if the file's path has a wrong placeholder
 */
export function checkMetricReading(reading: MetricReading): void {
  createMetricReader(reading);
  if (reading.kind === "file") parseCommand(fileCommand(reading.file));
}
