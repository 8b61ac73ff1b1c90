import { readFile } from "node:fs/promises";
import { type CurveTable, tableOfCurves } from "../analysis/curve-table.js";
import { parseRecordedCurves } from "../analysis/recorded-curves.js";
import { type RegretSummary, regretAt, summarizeRegrets } from "../analysis/regret.js";
import { replayTable } from "../analysis/replay-table.js";
import { transferredTable } from "../analysis/transferred-table.js";
import { CurvewiseError, messageOf } from "../core/errors.js";
import type { Json } from "../core/json.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import type { TransferredStudy } from "../core/study.js";
import { createCountProgress } from "./count-progress.js";
import { print, styled } from "./output.js";
import { factsText, tableText } from "./table.js";
import { counted, goalText, numberText } from "./wording.js";

/** What is replayed, and how. */
export interface ReplayRequest {
  readonly scheduler: SchedulerChoice;
  readonly sampler: SamplerChoice;
  /** Their names in the result. */
  readonly schedulerName: string;
  readonly samplerName: string;
  readonly budgets: readonly number[];
  readonly seeds: number;
  readonly workers: number;
  readonly json: boolean;
}

async function readTable(path: string): Promise<CurveTable> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new CurvewiseError("CURVES_INVALID", `${path} cannot be read as JSON: ${messageOf(cause)}`, {
      hint: "Give a file of recorded curves, or the name of a study (in the database that --storage names).",
      cause,
    });
  }
  return tableOfCurves(parseRecordedCurves(json, path));
}

/** A figure for people: three decimals, or a dash. */
export const regretText = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? "-" : value.toFixed(3);

const jsonNumbers = (values: readonly number[]): Json =>
  values.map((value) => (Number.isFinite(value) ? value : null));

/** Regrets for programs; null if there is no figure. */
export function regretJson({ mean, low, high }: RegretSummary): { readonly [key: string]: Json } {
  return { mean: jsonNumbers(mean), low: jsonNumbers(low), high: jsonNumbers(high) };
}

async function readEarlier(path: string, { task, goal }: CurveTable): Promise<TransferredStudy> {
  const earlier = await readTable(path);
  const { metric, direction } = earlier.goal;
  if (metric === goal.metric && direction === goal.direction) return transferredTable(earlier);
  throw new CurvewiseError(
    "TRANSFER_MISFIT",
    `the curves of ${path} (${goalText(earlier.goal)}) do not have the goal of task ${task} (${goalText(goal)})`,
    { hint: "Transfer from files with the same metric and direction." },
  );
}

/**
 * `curvewise replay FILE`
 *
 * @param earlierPaths files whose curves are transferred
 */
export async function replayCurves(
  path: string,
  request: ReplayRequest,
  earlierPaths: readonly string[] = [],
): Promise<void> {
  const { scheduler, sampler, budgets, seeds, workers } = request;
  const table = await readTable(path);
  const transferred = await Promise.all(earlierPaths.map((each) => readEarlier(each, table)));
  const { task, goal, maxSteps, candidates } = table;
  const steps = Math.max(...budgets) * maxSteps;
  const progress = createCountProgress(seeds, "replays");
  const regrets: (number | undefined)[][] = [];
  let exhausted = 0;
  try {
    for (let seed = 0; seed < seeds; seed++) {
      const { improvements, spent } = replayTable({
        table,
        scheduler,
        sampler,
        seed,
        steps,
        workers,
        transferred,
      });
      regrets.push(budgets.map((budget) => regretAt(table, improvements, budget)));
      if (spent < steps - maxSteps) exhausted += 1;
      await progress.advance();
    }
  } finally {
    progress.close();
  }
  const summary = summarizeRegrets(regrets);
  if (request.json) {
    print(
      JSON.stringify({ task, scheduler: request.schedulerName, budgets, seeds, regret: regretJson(summary) }),
    );
    return;
  }
  const head = factsText([
    ["task", styled("bold", task)],
    ["curves", `${candidates.length} of ${counted(maxSteps, "step")}, ${goalText(goal)}`],
    ["values", `best ${numberText(table.best)}, median at the end ${numberText(table.medianFinal)}`],
    [
      "rule",
      `${request.schedulerName}, ${request.samplerName} sampler, ${counted(workers, "worker")}, ${counted(seeds, "seed")}`,
    ],
  ]);
  const rows = budgets.map((budget, index) => [
    String(budget),
    String(budget * maxSteps),
    regretText(summary.mean[index]),
    `${regretText(summary.low[index])} to ${regretText(summary.high[index])}`,
  ]);
  const regretsTable = tableText(
    [
      { title: "full trainings", align: "right" },
      { title: "steps", align: "right" },
      { title: "regret", align: "right" },
      { title: "95 % interval" },
    ],
    rows,
  );
  const note = `${exhausted} of ${counted(seeds, "replay")} ran out of configurations before the largest budget.`;
  print([head, regretsTable, ...(exhausted === 0 ? [] : [note])].join("\n\n"));
}
