import { CurvewiseError, messageOf } from "../core/errors.js";
import { compilePattern, groupsOf } from "../core/metric-reading.js";
import { createGatherer, type Finding, type MetricReader, shownText } from "./findings.js";
import { type DecimalSign, numberSource, parseNumber } from "./metric-values.js";

function invalid(message: string, hint: string): Finding {
  return { kind: "note", note: { code: "LINE_INVALID", message, hint } };
}

function refuse(message: string, hint: string): never {
  throw new CurvewiseError("METRICS_INVALID", message, { hint });
}

function compile(what: string, source: string): RegExp {
  try {
    return compilePattern(source);
  } catch (cause) {
    throw new CurvewiseError(
      "METRICS_INVALID",
      `${what} is not a valid regular expression: ${messageOf(cause)}`,
      { hint: "Write a JavaScript regular expression, without slashes around it.", cause },
    );
  }
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

/**
 * Reads `name=value` pairs, on the line on which a step is printed and on those that follow. Names may be in quotes.
 *
 * @param step the source of a pattern whose one group is the step
 * @throws CurvewiseError `METRICS_INVALID`
 */
export function pairReader(step: string, names: readonly string[], decimal: DecimalSign): MetricReader {
  const stepPattern = compile("metrics.pairs.step", step);
  if (groupsOf(stepPattern).count !== 1) {
    refuse(
      `metrics.pairs.step must have exactly one group, the step, but is ${step}`,
      "Write it as in step (\\d+); other groups as (?:...).",
    );
  }
  if (names.length === 0) {
    refuse("metrics.pairs.names lists no metric", "Name the metrics to read, as in names: [loss, acc].");
  }
  // What may not follow a number, lest it be only a part of one.
  const more = decimal === "," ? String.raw`[\w,]|\.\d` : String.raw`[\w.]|,\d`;
  const patterns = names.map((name): readonly [string, RegExp] => [
    name,
    new RegExp(
      String.raw`(?<![\w.\-/])${escapePattern(name)}["']?\s*[=:]\s*["']?(${numberSource(decimal)})(?!${more})`,
    ),
  ]);
  const gatherer = createGatherer();
  const read = (line: string): Finding[] => {
    const text = shownText(line);
    const findings: Finding[] = [];
    const found = stepPattern.exec(text)?.[1];
    if (found !== undefined) {
      const number = parseNumber(found, decimal);
      if (number === undefined) {
        findings.push(
          invalid(
            `the step pattern found "${found}", which is not a number`,
            "Let its group match only digits, as in step (\\d+).",
          ),
        );
      } else findings.push(...gatherer.begin(number));
    }
    if (!gatherer.isOpen) return findings;
    for (const [name, pattern] of patterns) {
      gatherer.set(name, parseNumber(pattern.exec(text)?.[1] ?? "", decimal));
    }
    // Once all metrics are known, there is no need to wait for the next step.
    if (gatherer.metrics.size === names.length) findings.push(...gatherer.finish());
    return findings;
  };
  return { read, end: gatherer.finish };
}

/** The numbers that a pattern's named groups found on a line, or what is wrong with one of them. */
function numbersOf(
  pattern: RegExp,
  line: string,
  decimal: DecimalSign,
): Map<string, number> | Finding | undefined {
  const groups = pattern.exec(shownText(line))?.groups;
  if (groups === undefined) return undefined;
  const numbers = new Map<string, number>();
  for (const [name, text] of Object.entries(groups)) {
    // A group that did not take part in the match is undefined, whatever its type says.
    if (typeof text !== "string") continue;
    // `\S+` also matches the comma or the sign of percent after a number.
    const value = parseNumber(text.replace(/[,;:)\]}%'"]+$/, ""), decimal);
    if (value === undefined) {
      return invalid(
        `the pattern's group "${name}" found "${text.slice(0, 80)}", which is not a number`,
        "Let every named group match only a number.",
      );
    }
    numbers.set(name, value);
  }
  return numbers;
}

/**
 * Reads each line that a pattern matches: its group `step`, and a metric for each of its other named groups.
 *
 * @throws CurvewiseError `METRICS_INVALID`
 */
export function patternReader(source: string, decimal: DecimalSign): MetricReader {
  const pattern = compile("metrics.pattern", source);
  const { names } = groupsOf(pattern);
  if (!names.includes("step") || names.length < 2) {
    refuse(
      `metrics.pattern must have a group named "step" and at least one named for a metric`,
      "Write it as in step (?<step>\\d+) loss (?<loss>\\S+).",
    );
  }
  const read = (line: string): Finding[] => {
    const found = numbersOf(pattern, line, decimal);
    if (found === undefined) return [];
    if (!(found instanceof Map)) return [found];
    const { step, ...metrics } = Object.fromEntries(found);
    if (step === undefined || Object.keys(metrics).length === 0) return [];
    return [{ kind: "report", step, metrics }];
  };
  return { read, end: () => [] };
}

/**
 * Reads each line with every pattern. What they find is one report per step; a pattern without the group `step` belongs
 * to the step that was printed last.
 *
 * @param take which value of a metric counts that is printed several times within a step. With `first`, the report is
 *   passed on as soon as it has all metrics.
 * @throws CurvewiseError `METRICS_INVALID`
 */
export function patternsReader(
  sources: readonly string[],
  take: "first" | "last",
  decimal: DecimalSign,
): MetricReader {
  const patterns = sources.map((source, index) => compile(`metrics.patterns[${index}]`, source));
  const groups = patterns.flatMap((pattern) => groupsOf(pattern).names);
  const metrics = new Set(groups.filter((name) => name !== "step"));
  if (metrics.size === groups.length || metrics.size === 0) {
    refuse(
      `metrics.patterns must have a group named "step" and at least one named for a metric`,
      "Write them as in [epoch (?<step>\\d+), loss (?<loss>\\S+)].",
    );
  }
  const gatherer = createGatherer();
  /** The step that has been passed on. */
  let passed: number | undefined;
  const read = (line: string): Finding[] => {
    const findings: Finding[] = [];
    const seen: (readonly [string, number])[] = [];
    for (const pattern of patterns) {
      const found = numbersOf(pattern, line, decimal);
      if (found === undefined) continue;
      if (found instanceof Map) seen.push(...found);
      else findings.push(found);
    }
    // The step first: what else is on its line belongs to it, whichever pattern found it.
    const step = seen.find(([name]) => name === "step")?.[1];
    if (step !== undefined && step !== passed) findings.push(...gatherer.begin(step));
    for (const [name, value] of seen) {
      if (name === "step" || (take === "first" && gatherer.metrics.has(name))) continue;
      gatherer.set(name, value);
    }
    if (take === "first" && gatherer.metrics.size === metrics.size) {
      const complete = gatherer.finish();
      passed = complete.find((finding) => finding.kind === "report")?.step;
      findings.push(...complete);
    }
    return findings;
  };
  return { read, end: gatherer.finish };
}
