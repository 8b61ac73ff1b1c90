import { readFile, writeFile } from "node:fs/promises";
import { fixParams } from "../../config/fixed-params.js";
import { loadStudy } from "../../config/index.js";
import { CurvewiseError, messageOf } from "../../core/errors.js";
import type { ParamValue } from "../../core/param.js";
import { createSearchSpace } from "../../core/search-space.js";
import type { Study } from "../../core/study.js";
import {
  endedTrials,
  type FixableParam,
  type LossEstimate,
  type Simplification,
  simplification,
} from "../../importance/index.js";
import { programChecks } from "../../launchers/index.js";
import { withStudy } from "../database.js";
import { outputFile } from "../line-output.js";
import type { ReadOptions } from "../options.js";
import { print, printJson, styled, styledError, tell } from "../output.js";
import { tableText } from "../table.js";
import { counted, numberText, valueText } from "../wording.js";

/** Options of `curvewise simplify`. */
export interface SimplifyOptions extends ReadOptions {
  readonly tolerance?: number;
  readonly complete?: boolean;
  readonly write?: string;
  readonly file: string;
}

/** With fewer, halves of the trials and tenths of these say nothing. */
const LEAST_TRIALS = 20;

/** What was written. */
interface Written {
  readonly removed: readonly string[];
  readonly left: readonly string[];
}

const short = (value: number): string => numberText(Number(value.toPrecision(2)));

const lossText = (loss: LossEstimate | undefined): string =>
  loss === undefined ? "-" : `${short(loss.expected)} [${short(loss.low)}, ${short(loss.high)}]`;

const lossJson = (loss: LossEstimate | undefined) =>
  loss === undefined ? null : { expected: loss.expected, low: loss.low, high: loss.high };

function verdictText({ verdict, loss }: FixableParam): string {
  if (verdict === "unclear" && loss === undefined) return "unclear: too few trials near it";
  return verdict === "fix" ? styled("bold", "fix") : verdict;
}

function resultText(found: Simplification): string {
  return tableText(
    [
      { title: "param" },
      { title: "importance", align: "right" },
      { title: "value", align: "right" },
      { title: "" },
      { title: "trials near it", align: "right" },
      { title: "expected loss [95 %]", align: "right" },
      { title: "verdict" },
    ],
    found.params.map((each) => [
      styled("bold", each.param),
      `${Math.round(each.importance * 100)} %`,
      valueText(each.value),
      each.isDefault ? "default" : "of the best",
      String(each.near),
      lossText(each.loss),
      verdictText(each),
    ]),
  );
}

/**
 * Writes the study file with params fixed.
 *
 * @throws CurvewiseError `CONFIG_NOT_FOUND`, `CONFIG_INVALID`; `STUDY_OTHER` if the file is another study's;
 *   `FILE_EXISTS`, `OUTPUT_FAILED`
 */
async function writeSmaller(
  study: Study,
  values: Readonly<Record<string, ParamValue>>,
  source: string,
  file: string,
): Promise<Written> {
  const { name, space } = study.definition;
  const plan = await loadStudy(source, programChecks);
  if (plan.definition.name !== name) {
    throw new CurvewiseError(
      "STUDY_OTHER",
      `${source} describes study "${plan.definition.name}", not "${name}"`,
      {
        hint: "Name the file that the study was run from with --file.",
      },
    );
  }
  const { text, ...rest } = fixParams(await readFile(source, "utf8"), `${name}-smaller`, space, values);
  await outputFile(
    file,
    (path) => writeFile(path, text),
    "Name another file with --write, or remove that one.",
  );
  // What depends on the params in other sections may still have to be corrected.
  try {
    await loadStudy(file, programChecks);
  } catch (error) {
    tell(`${styledError("yellow", "warning")}: ${file} is not complete yet: ${messageOf(error)}`);
  }
  return rest;
}

function tellResult(study: Study, found: Simplification, forecast: number): void {
  const { goal } = study.definition;
  const ends = forecast === 0 ? "" : `, ${forecast} of them by the forecast of their ends`;
  tell(
    `By ${counted(found.trials, "trial")}${ends}. Losses are in ${goal.metric}; up to ${short(found.tolerance)} counts as none.`,
  );
  const count = found.params.filter(({ verdict }) => verdict === "fix").length;
  if (count === 0) tell("No param can be fixed by what is known: more trials make the intervals narrower.");
  else tell(`Fixed together, ${counted(count, "param")} would cost ${lossText(found.together)}.`);
}

/**
 * Shows which params could be fixed at no loss, and writes a study file in which they are.
 *
 * @throws CurvewiseError `NO_VALUE_YET` for too few trials; `NOTHING_FIXED`, and what {@link writeSmaller} throws
 */
export async function simplify(name: string | undefined, options: SimplifyOptions): Promise<void> {
  const { tolerance, write } = options;
  await withStudy(options.storage, name, async ({ study }) => {
    const { definition } = study;
    const ended = endedTrials(study, options.complete === true);
    const finite = ended.filter(({ cost }) => Number.isFinite(cost));
    if (finite.length < LEAST_TRIALS) {
      throw new CurvewiseError(
        "NO_VALUE_YET",
        `study "${definition.name}" has ${counted(finite.length, "trial")} with a finite ${definition.goal.metric}, too few to tell what a param costs`,
        { hint: `Come back after ${LEAST_TRIALS} trials.`, kind: "failure" },
      );
    }
    const space = createSearchSpace(definition.space);
    const found = simplification(space, finite, tolerance === undefined ? {} : { tolerance });
    const forecast = finite.filter(({ isForecast }) => isForecast).length;
    const fixed = found.params.filter(({ verdict }) => verdict === "fix");
    if (write !== undefined && fixed.length === 0) {
      throw new CurvewiseError("NOTHING_FIXED", "no param can be fixed by what is known", {
        hint: "Run more trials, or allow a greater loss with --tolerance.",
        kind: "failure",
      });
    }
    const values = Object.fromEntries(fixed.map(({ param, value }) => [param, value]));
    const written = write === undefined ? undefined : await writeSmaller(study, values, options.file, write);
    if (options.json === true) {
      printJson({
        study: definition.name,
        trials: found.trials,
        forecast,
        tolerance: found.tolerance,
        together: lossJson(found.together),
        params: found.params.map(({ param, importance, value, isDefault, near, loss, verdict }) => ({
          param,
          importance,
          value,
          default: isDefault,
          near,
          loss: lossJson(loss),
          verdict,
        })),
        ...(written === undefined
          ? {}
          : { written: write ?? null, removed: [...written.removed], left: [...written.left] }),
      });
      return;
    }
    print(resultText(found));
    tellResult(study, found, forecast);
    if (written === undefined) return;
    if (written.removed.length > 0)
      tell(`Left out, since no trial would have them: ${written.removed.join(", ")}.`);
    if (written.left.length > 0)
      tell(`Still searched, as parts of other entries: ${written.left.join(", ")}.`);
    tell(`Written: ${write}`);
  });
}
