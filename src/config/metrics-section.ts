import { messageOf } from "../core/errors.js";
import { ofFields } from "../core/fields.js";
import {
  compilePattern,
  FILE_FORMATS,
  type FileFormat,
  groupsOf,
  type MetricReading,
  PRINTED_FORMATS,
  type PrintedFormat,
} from "../core/metric-reading.js";
import { firstMetric } from "./goal-section.js";
import type { StudyInput } from "./study-schema.js";
import type { Problem, YamlSource } from "./yaml-source.js";

type Section = Exclude<StudyInput["metrics"], string>;
type ReadingOf<Kind extends MetricReading["kind"]> = Extract<MetricReading, { readonly kind: Kind }>;

const fileFormat = (name: string | undefined): FileFormat | undefined =>
  FILE_FORMATS.find((format) => format === name);
const printedFormat = (name: string | undefined): PrintedFormat | undefined =>
  PRINTED_FORMATS.find((format) => format === name);

/** Where tools write that name their files themselves, if their folder is the trial's. */
const USUAL_FILES = {
  "lightning-csv": "{dir}/**/metrics.csv",
  tensorboard: "{dir}/**/*tfevents*",
} as const;
type UsualFormat = keyof typeof USUAL_FILES;
const hasUsualFile = (format: string | undefined): format is UsualFormat =>
  format === "lightning-csv" || format === "tensorboard";

/** What the section `metrics` says, as the study's definition has it. It has been checked with {@link checkMetrics}. */
export function metricsOf(metrics: StudyInput["metrics"]): MetricReading {
  if (typeof metrics === "string") {
    if (metrics === "lines") return { kind: "lines" };
    if (hasUsualFile(metrics)) return { kind: "file", file: USUAL_FILES[metrics], format: metrics };
    return { kind: "format", format: metrics };
  }
  const { pairs, pattern, patterns, format, file, step, from, take, decimal: sign, every } = metrics;
  const searching = { from, take, decimal: sign === "," ? sign : undefined };
  if (pairs !== undefined) return ofFields<ReadingOf<"pairs">>({ kind: "pairs", ...pairs, ...searching });
  if (pattern !== undefined)
    return ofFields<ReadingOf<"pattern">>({ kind: "pattern", pattern, ...searching });
  if (patterns !== undefined) {
    return ofFields<ReadingOf<"patterns">>({ kind: "patterns", patterns, ...searching });
  }
  const printed = printedFormat(format);
  if (file === undefined && printed !== undefined) {
    return ofFields<ReadingOf<"format">>({ kind: "format", format: printed, from, every });
  }
  const known = fileFormat(format) ?? "lightning-csv";
  return ofFields<ReadingOf<"file">>({
    kind: "file",
    file: file ?? USUAL_FILES[hasUsualFile(known) ? known : "lightning-csv"],
    format: known,
    step,
  });
}

/** What keys of the section are only for. */
const ONLY_FOR = {
  from: "what is printed, not for files",
  take: "pairs, pattern and patterns",
  decimal: "pairs, pattern and patterns",
  step: "files of rows",
  every: "the format huggingface",
} as const;

function allowedKeys(reading: MetricReading): ReadonlySet<string> {
  switch (reading.kind) {
    case "file":
      return new Set(reading.format === "tensorboard" ? [] : ["step"]);
    case "format":
      return new Set(reading.format === "huggingface" ? ["from", "every"] : ["from"]);
    default:
      return new Set(["from", "take", "decimal"]);
  }
}

function checkOptions(section: Section, source: YamlSource): Problem[] {
  const allowed = allowedKeys(metricsOf(section));
  const stray = (["from", "take", "decimal", "step", "every"] as const).filter(
    (key) => section[key] !== undefined && !allowed.has(key),
  );
  return stray.map((key) => ({
    position: source.valueAt(["metrics", key]),
    message: `\`metrics.${key}\` is only for ${ONLY_FOR[key]}`,
  }));
}

function checkFormat({ file, format }: Section, source: YamlSource): Problem[] {
  const position = source.valueAt(["metrics"]);
  if (file !== undefined && fileFormat(format) === undefined) {
    const message =
      format === undefined
        ? "`metrics.file` needs a format"
        : `\`metrics.format\` of a file cannot be ${format}`;
    return [{ position, message, hint: `Known: ${FILE_FORMATS.join(", ")}.` }];
  }
  if (file === undefined && fileFormat(format) !== undefined && !hasUsualFile(format)) {
    const hint = `Write it as in { file: "{dir}/metrics.${format}", format: ${format} }.`;
    return [{ position, message: `\`metrics.format: ${format}\` needs a file`, hint }];
  }
  return [];
}

/** A file that all trials share would give a trial the metrics of another one that is trained at the same time. */
function checkShared(file: string | undefined, workers: number | undefined, source: YamlSource): Problem[] {
  if (file === undefined || file.includes("{") || workers === 1) return [];
  return [
    {
      position: source.valueAt(["metrics", "file"]),
      message:
        "`metrics.file` is the same file for all trials, which several workers would write at the same time",
      hint: "Have the program write it into its trial's folder and put {dir} in the path, or {trial} or a param; or set workers: 1.",
    },
  ];
}

/** A compiled pattern, or a problem at its place. */
function compiled(pattern: string, path: readonly (string | number)[], source: YamlSource): RegExp | Problem {
  try {
    return compilePattern(pattern);
  } catch (thrown) {
    return { position: source.valueAt(path), message: messageOf(thrown) };
  }
}

function checkPairs(
  { step, names }: NonNullable<Section["pairs"]>,
  goal: string,
  source: YamlSource,
): Problem[] {
  const path = ["metrics", "pairs", "step"];
  const expression = compiled(step, path, source);
  if (!(expression instanceof RegExp)) return [expression];
  const problems: Problem[] = [];
  const { count } = groupsOf(expression);
  if (count !== 1) {
    problems.push({
      position: source.valueAt(path),
      message: `\`metrics.pairs.step\` must have one group, the step, but has ${count}`,
      hint: "Put parentheses around the number, such as epoch (\\d+).",
    });
  }
  if (!names.includes(goal)) {
    problems.push({
      position: source.valueAt(["metrics", "pairs", "names"]),
      message: `\`metrics.pairs.names\` lacks "${goal}", the goal's metric`,
    });
  }
  return problems;
}

/** Checks that patterns together have the groups `step` and the goal's metric. */
function checkGroups(
  key: "pattern" | "patterns",
  sources: readonly string[],
  goal: string,
  source: YamlSource,
) {
  const pathOf = (index: number) => (key === "pattern" ? ["metrics", key] : ["metrics", key, index]);
  const expressions = sources.map((pattern, index) => compiled(pattern, pathOf(index), source));
  const problems = expressions.flatMap((each): Problem[] => (each instanceof RegExp ? [] : [each]));
  if (problems.length > 0) return problems;
  const names = new Set(expressions.flatMap((each) => (each instanceof RegExp ? groupsOf(each).names : [])));
  return ["step", goal]
    .filter((name) => !names.has(name))
    .map((name): Problem => {
      const isNameable = /^[A-Za-z_$][\w$]*$/.test(name);
      return {
        position: source.valueAt(["metrics", key]),
        message: `\`metrics.${key}\` lacks the named group "${name}"`,
        hint: isNameable
          ? "Name each group, such as epoch (?<step>\\d+) loss (?<loss>\\S+)."
          : `No group can be named "${name}": name the goal's metric without spaces and signs.`,
      };
    });
}

/**
 * Checks the section `metrics`: that its regular expressions are valid and have the groups that they need, and that its
 * options belong together.
 */
export function checkMetrics({ metrics, workers, ...input }: StudyInput, source: YamlSource): Problem[] {
  if (typeof metrics === "string") return [];
  const goalMetric = firstMetric(input);
  const { pairs, pattern, patterns } = metrics;
  const problems = [
    ...checkFormat(metrics, source),
    ...checkOptions(metrics, source),
    ...checkShared(metrics.file, workers, source),
  ];
  if (pairs !== undefined) problems.push(...checkPairs(pairs, goalMetric, source));
  if (pattern !== undefined) problems.push(...checkGroups("pattern", [pattern], goalMetric, source));
  if (patterns !== undefined) problems.push(...checkGroups("patterns", patterns, goalMetric, source));
  return problems;
}
