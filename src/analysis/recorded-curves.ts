import { z } from "zod";
import { CurvewiseError } from "../core/errors.js";
import type { Direction } from "../core/goal.js";
import type { Params, ParamValue } from "../core/param.js";
import { paramValue } from "../core/param-schema.js";

/** The learning curves of one task, one for every trained configuration, as a file holds them. */
export interface RecordedCurves {
  readonly task: string;
  readonly metric: string;
  readonly direction: Direction;
  /** What a step is, in words. */
  readonly unit: string;
  /** The params of curve n are at index n. */
  readonly configurations: readonly Params[];
  /** By configuration: the metric after steps 1, 2, ...; NaN: diverged or missing. All of one length. */
  readonly curves: readonly Float64Array[];
}

const configuration = z.record(z.string(), paramValue);

const file = z.looseObject({
  task: z.string().min(1),
  metric: z.string().min(1),
  direction: z.enum(["min", "max", "minimize", "maximize"]),
  unit: z.string().default("step"),
  curves: z.array(z.looseObject({ config: configuration })).min(1, { error: "there are no curves" }),
});

const points = z.array(z.union([z.number(), z.null(), z.enum(["NaN", "Infinity", "-Infinity"])]));

const FORMAT =
  'A file holds {"task", "metric", "direction": "min" or "max", "unit", "curves": [{"config": {...}, "<metric>": [...]}]}, one value per step, null where the training had diverged.';

function refuse(source: string, problem: string, hint = FORMAT, cause?: unknown): never {
  throw new CurvewiseError("CURVES_INVALID", `${source}: ${problem}`, { hint, cause });
}

/** A unit such as `evaluation (51 per run, 0..10000 steps)` means that the first point is the untrained model. */
const BEGINS_UNTRAINED = /(?<![\d.])0\s*\.\.\s*\d/;

function presentParams(config: z.output<typeof configuration>): Params {
  const params: Record<string, ParamValue> = {};
  for (const [name, value] of Object.entries(config)) if (value !== null) params[name] = value;
  return params;
}

function readPoints(source: string, values: unknown, metric: string, place: number): Float64Array {
  if (values === undefined) refuse(source, `curve ${place} has no "${metric}"`);
  const parsed = points.safeParse(values);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined ? "" : issue.path.map((part) => `[${String(part)}]`).join("");
    return refuse(
      source,
      `"${metric}"${where} of curve ${place} is neither a number nor null`,
      FORMAT,
      parsed.error,
    );
  }
  return Float64Array.from(parsed.data, (value) => (value === null ? Number.NaN : Number(value)));
}

/**
 * Reads the `curves` format from parsed JSON. The points of a curve belong to steps 1, 2, ...; if the unit says that
 * the first one is step 0 (`0..10000`), of the untrained model, it is left out. Params that are null are left out too.
 *
 * @param json the result of `JSON.parse`
 * @param source the file's name in messages
 * @throws CurvewiseError `CURVES_INVALID`, naming the place
 */
export function parseRecordedCurves(json: unknown, source: string): RecordedCurves {
  const parsed = file.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
    return refuse(
      source,
      `these are not recorded curves${where}: ${issue?.message ?? ""}`,
      FORMAT,
      parsed.error,
    );
  }
  const { task, metric, direction, unit, curves: entries } = parsed.data;
  if (metric === "config") refuse(source, 'a metric cannot be called "config"');
  const skipped = BEGINS_UNTRAINED.test(unit) ? 1 : 0;
  const curves = entries.map((entry, index) =>
    readPoints(source, entry[metric], metric, index + 1).subarray(skipped),
  );
  const length = curves[0]?.length ?? 0;
  if (length === 0) refuse(source, "curve 1 has no points");
  const other = curves.findIndex((curve) => curve.length !== length);
  if (other >= 0) {
    const lengths = `${(curves[other]?.length ?? 0) + skipped} points, but curve 1 has ${length + skipped}`;
    refuse(
      source,
      `curve ${other + 1} has ${lengths}`,
      "Give every curve the same number of points, with null after the end of a training that stopped early.",
    );
  }
  if (!curves.some((curve) => curve.some(Number.isFinite))) refuse(source, "no curve has a single number");
  return {
    task,
    metric,
    direction: direction.startsWith("min") ? "minimize" : "maximize",
    unit,
    configurations: entries.map(({ config }) => presentParams(config)),
    curves,
  };
}
