import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { CurvewiseError, messageOf } from "../core/errors.js";
import type { Metrics } from "../core/events.js";
import type { Failure } from "../core/failure.js";
import { namesPrototype } from "../core/json.js";
import type { MetricReading } from "../core/study-definition.js";
import { decodeMetrics, NUMBER, parseNumber } from "./metric-values.js";
import { metricValue, parseLooseJson } from "./trial-messages.js";

/** What a line of output contained. */
export type Finding =
  | { readonly kind: "report"; readonly step: number; readonly metrics: Metrics }
  | { readonly kind: "note"; readonly note: Failure };

/** Finds reports in lines of output. */
export interface MetricReader {
  read(line: string): Finding[];
  /** Ends the output; returns what was still being gathered. */
  end(): Finding[];
}

/** How many characters of a line patterns search: enough for metrics, and a bound on the work. */
const LOOKED_AT = 8192;

const METRIC_LINE = /^\s*curvewise\s+(\{.*)$/;
/** After what logging libraries put before each line: it ends with a level, a digit of a time, or a sign. */
const LOGGED_LINE =
  /(?:[:\]|>)-]|\d|\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR))(?:(?<=[:\]|>)-])|\s)\s*curvewise\s+(\{.*\})\s*$/i;

const lineSchema = z.record(z.string(), metricValue);

/** What of a line patterns search: its text without colours. */
const shownText = (line: string): string => stripVTControlCharacters(line.slice(0, LOOKED_AT));

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

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

function pairReader(step: RegExp, names: readonly string[]): MetricReader {
  const patterns = names.map((name): readonly [string, RegExp] => [
    name,
    new RegExp(String.raw`(?<![\w.\-/])${escapePattern(name)}\s*[=:]\s*(${NUMBER})(?![\w.]|,\d)`),
  ]);
  let current: { readonly step: number; readonly metrics: Map<string, number> } | undefined;

  const flush = (): Finding[] => {
    const done = current;
    current = undefined;
    if (done === undefined || done.metrics.size === 0) return [];
    return [{ kind: "report", step: done.step, metrics: Object.fromEntries(done.metrics) }];
  };

  const read = (line: string): Finding[] => {
    const text = shownText(line);
    const findings: Finding[] = [];
    const found = step.exec(text)?.[1];
    if (found !== undefined) {
      const number = parseNumber(found);
      if (number === undefined) {
        const note = {
          code: "LINE_INVALID",
          message: `the step pattern found "${found}", which is not a number`,
          hint: "Let its group match only digits, as in step (\\d+).",
        };
        findings.push({ kind: "note", note });
      } else if (current?.step !== number) {
        findings.push(...flush());
        current = { step: number, metrics: new Map() };
      }
    }
    if (current === undefined) return findings;
    for (const [name, pattern] of patterns) {
      const value = parseNumber(pattern.exec(text)?.[1] ?? "");
      if (value !== undefined) current.metrics.set(name, value);
    }
    // Once all metrics are known, there is no need to wait for the next step.
    if (current.metrics.size === names.length) findings.push(...flush());
    return findings;
  };
  return { read, end: flush };
}

function patternReader(pattern: RegExp): MetricReader {
  const read = (line: string): Finding[] => {
    const groups = pattern.exec(shownText(line))?.groups;
    if (groups === undefined) return [];
    const metrics = new Map<string, number>();
    let step: number | undefined;
    for (const [name, text] of Object.entries(groups)) {
      // A group that did not take part in the match is undefined, whatever its type says.
      if (typeof text !== "string") continue;
      // `\S+` also matches the comma after a number.
      const value = parseNumber(text.replace(/[,;:)\]}]+$/, ""));
      if (value === undefined) {
        const note = {
          code: "LINE_INVALID",
          message: `the pattern's group "${name}" found "${text.slice(0, 80)}", which is not a number`,
          hint: "Let every named group match only a number.",
        };
        return [{ kind: "note", note }];
      }
      if (name === "step") step = value;
      else metrics.set(name, value);
    }
    if (step === undefined || metrics.size === 0) return [];
    return [{ kind: "report", step, metrics: Object.fromEntries(metrics) }];
  };
  return { read, end: () => [] };
}

/** Named groups as Python writes them, `(?P<step>..)`, in JavaScript's way. */
const inJavaScript = (source: string): string => source.replaceAll(/(?<!\\)((?:\\\\)*)\(\?P</g, "$1(?<");

function compile(what: string, source: string): RegExp {
  try {
    return new RegExp(inJavaScript(source));
  } catch (cause) {
    throw new CurvewiseError(
      "METRICS_INVALID",
      `${what} is not a valid regular expression: ${messageOf(cause)}`,
      {
        hint: "Write a JavaScript regular expression, without slashes around it.",
        cause,
      },
    );
  }
}

/** How many groups a pattern has, and their names, from a match that cannot fail. */
function groupsOf(pattern: RegExp): { readonly count: number; readonly names: readonly string[] } {
  const match = new RegExp(`${pattern.source}|`).exec("");
  return { count: (match?.length ?? 1) - 1, names: Object.keys(match?.groups ?? {}) };
}

/**
 * Creates the reader for a study's definition.
 *
 * @throws CurvewiseError `METRICS_INVALID` if a pattern is not a valid regular expression, or lacks the
 *   groups that it needs
 */
export function createMetricReader(reading: MetricReading): MetricReader {
  switch (reading.kind) {
    case "lines":
      return lineReader();
    case "pairs": {
      const step = compile("metrics.pairs.step", reading.step);
      if (groupsOf(step).count !== 1) {
        throw new CurvewiseError(
          "METRICS_INVALID",
          `metrics.pairs.step must have exactly one group, the step, but is ${reading.step}`,
          { hint: "Write it as in step (\\d+); other groups as (?:...)." },
        );
      }
      if (reading.names.length === 0) {
        throw new CurvewiseError("METRICS_INVALID", "metrics.pairs.names lists no metric", {
          hint: "Name the metrics to read, as in names: [loss, acc].",
        });
      }
      return pairReader(step, reading.names);
    }
    case "pattern": {
      const pattern = compile("metrics.pattern", reading.pattern);
      const { names } = groupsOf(pattern);
      if (!names.includes("step") || names.length < 2) {
        throw new CurvewiseError(
          "METRICS_INVALID",
          `metrics.pattern must have a group named "step" and at least one named for a metric`,
          { hint: "Write it as in step (?<step>\\d+) loss (?<loss>\\S+)." },
        );
      }
      return patternReader(pattern);
    }
  }
}

/**
 * Checks how metrics are to be read, before anything runs.
 *
 * @throws CurvewiseError `METRICS_INVALID`
 */
export function checkMetricReading(reading: MetricReading): void {
  createMetricReader(reading);
}
