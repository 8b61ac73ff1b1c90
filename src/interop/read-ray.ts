import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CurvewiseError, messageOf } from "../core/errors.js";
import type { Goal } from "../core/goal.js";
import { nameHint } from "../core/nearest.js";
import type { Params } from "../core/param.js";
import { counted } from "../core/wording.js";
import { extentOf } from "./extent.js";
import { changedNames, ownNames } from "./foreign-names.js";
import type { ForeignReport, ForeignStudy, ForeignTrial } from "./foreign-study.js";
import { anyNumber, isPythonJson, parsePythonJson } from "./python-json.js";
import { refuseFile } from "./refusals.js";
import { flattened } from "./table-study.js";
import { spaceOfValues } from "./value-space.js";

/** What Ray Tune adds to every report of its own accord. */
const BOOKKEEPING =
  /^(training_iteration|timestamp|time_this_iter_s|time_total_s|time_since_restore|iterations_since_restore|pid|done|checkpoint_dir_name|trial_id|date|hostname|node_ip|config|should_checkpoint|experiment_tag|warmup_time)$/;

const line = z.looseObject({
  training_iteration: anyNumber,
  timestamp: z.number().optional().catch(undefined),
  time_total_s: z.number().optional().catch(undefined),
});

const HINT = "Give the folder of an experiment, as Ray Tune has left it.";

/** What a function of the file system gives. @throws CurvewiseError `IMPORT_INVALID` when it fails */
function readable<Content>(file: string, read: () => Content): Content {
  try {
    return read();
  } catch (error) {
    return refuseFile(file, `it cannot be read: ${messageOf(error)}`, { hint: HINT, cause: error });
  }
}

/** The folders of trials in an experiment's folder: those in which Ray Tune has written params and results. */
const trialFolders = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "params.json")))
    .map(({ name }) => name)
    .sort();

/** Whether a folder is one of an experiment of Ray Tune. */
export function isRayFolder(folder: string): boolean {
  return trialFolders(folder).length > 0;
}

interface RayTrial {
  readonly params: Params;
  readonly reports: readonly ForeignReport[];
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly failure: string | undefined;
  /** Whether its last report was left out, since it is not whole. */
  readonly isTorn: boolean;
  /** How many reports were left out, since they do not say at which iteration they are. */
  readonly unplaced: number;
}

const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1) ?? "";

function readTrial(folder: string, file: string): RayTrial {
  const read = (name: string): string | undefined =>
    existsSync(join(folder, name))
      ? readable(`${file}/${name}`, () => readFileSync(join(folder, name), "utf8"))
      : undefined;
  const parsed = (text: string, name: string): unknown => {
    try {
      return parsePythonJson(text);
    } catch (error) {
      return refuseFile(`${file}/${name}`, `it is not what Ray Tune writes: ${messageOf(error)}`, {
        hint: HINT,
        cause: error,
      });
    }
  };
  const byStep = new Map<number, ForeignReport>();
  let unplaced = 0;
  let [startedAt, endedAt]: (number | undefined)[] = [];
  const lines = (read("result.json") ?? "").split("\n");
  const unended = lines.pop() ?? "";
  const isTorn = unended.trim() !== "" && !isPythonJson(unended);
  for (const text of isTorn ? lines : [...lines, unended]) {
    if (text.trim() === "") continue;
    const result = line.safeParse(parsed(text, "result.json"));
    if (!result.success) {
      unplaced += 1;
      continue;
    }
    const { training_iteration: step, timestamp, time_total_s: seconds } = result.data;
    const metrics = Object.entries(result.data).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number" && !BOOKKEEPING.test(entry[0]),
    );
    if (timestamp !== undefined) {
      endedAt = timestamp * 1000;
      startedAt ??= endedAt - Math.round((seconds ?? 0) * 1000);
    }
    byStep.set(step, { step, metrics: Object.fromEntries(metrics) });
  }
  const params = parsed(read("params.json") ?? "{}", "params.json");
  if (typeof params !== "object" || params === null || Array.isArray(params)) {
    refuseFile(`${file}/params.json`, "it must be an object with a value for each param", { hint: HINT });
  }
  const error = read("error.txt");
  return {
    params: flattened(params),
    reports: [...byStep.values()].sort((a, b) => a.step - b.step),
    startedAt,
    endedAt,
    failure: error === undefined ? undefined : lastLine(error),
    isTorn,
    unplaced,
  };
}

/**
 * The folder of an experiment of Ray Tune as a study. Ray Tune says of no trial whether it was stopped early: those
 * that ended before the longest training count as stopped.
 *
 * @param folder absolute
 * @param file its name, for messages
 * @throws CurvewiseError `IMPORT_INVALID`, `IMPORT_EMPTY`, `METRIC_UNKNOWN`
 */
export function foreignFromRay(folder: string, file: string, goal: Goal): ForeignStudy {
  const folders = readable(file, () => trialFolders(folder));
  if (folders.length === 0) {
    throw new CurvewiseError("IMPORT_EMPTY", `${file} has no trial of Ray Tune`, { hint: HINT });
  }
  const read = folders
    .map((name) => readTrial(join(folder, name), `${file}/${name}`))
    .sort(
      (a, b) => (a.startedAt ?? Number.POSITIVE_INFINITY) - (b.startedAt ?? Number.POSITIVE_INFINITY) || 0,
    );
  const metrics = new Set(
    read.flatMap(({ reports }) => reports.flatMap((each) => Object.keys(each.metrics))),
  );
  const unplaced = read.reduce((sum, trial) => sum + trial.unplaced, 0);
  if (!metrics.has(goal.metric)) {
    const nothing =
      unplaced === 0
        ? "Its trials reported no metric at all."
        : `Its trials have ${counted(unplaced, "report")} without a number in training_iteration, which Ray Tune writes.`;
    throw new CurvewiseError("METRIC_UNKNOWN", `no trial in ${file} reported "${goal.metric}"`, {
      hint: metrics.size === 0 ? nothing : nameHint(goal.metric, [...metrics]),
    });
  }
  const names = ownNames(new Set(read.flatMap(({ params }) => Object.keys(params))));
  const warnings = changedNames(names);
  const longest = extentOf(read.map(({ reports }) => reports.at(-1)?.step ?? 0)).high;
  const trials = read.map((trial): ForeignTrial => {
    const { params, reports, failure, startedAt, endedAt } = trial;
    const ended = (reports.at(-1)?.step ?? 0) < longest ? "stopped" : "complete";
    const own = Object.entries(params).map(([name, value]) => [names.get(name) ?? name, value] as const);
    return {
      startedAt,
      endedAt,
      params: Object.fromEntries(own),
      reports,
      state: failure !== undefined || reports.length === 0 ? "failed" : ended,
      ...(failure === undefined ? {} : { failure }),
      attributes: {},
    };
  });
  const stopped = trials.filter(({ state }) => state === "stopped").length;
  if (stopped > 0) {
    warnings.push(
      `Ray Tune does not say which trials were stopped early: the ${stopped} that ended before iteration ${longest} count as stopped.`,
    );
  }
  const torn = read.filter(({ isTorn }) => isTorn).length;
  if (torn > 0) {
    warnings.push(
      `The last report of ${counted(torn, "trial")} is not whole, because Ray Tune was still writing it, and was left out.`,
    );
  }
  if (unplaced > 0) {
    warnings.push(
      `${counted(unplaced, "report")} ${unplaced === 1 ? "has" : "have"} no number in training_iteration, and ${unplaced === 1 ? "was" : "were"} left out.`,
    );
  }
  const all = trials.map(({ params }) => params);
  const space = spaceOfValues(all, all, warnings);
  return { tool: "ray", name: file, goal, space, trials, finalValues: false, warnings };
}
