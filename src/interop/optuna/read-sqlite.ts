import { pathToFileURL } from "node:url";
import Database from "libsql";
import { z } from "zod";
import { isCurvewiseError, messageOf } from "../../core/errors.js";
import type { Json } from "../../core/json.js";
import { jsonValue, parsePythonJson } from "../python-json.js";
import { refuseFile } from "../refusals.js";
import {
  OPTUNA_DIRECTIONS,
  OPTUNA_STATES,
  type OptunaParam,
  type OptunaStudy,
  type OptunaTrial,
  parseDistribution,
} from "./optuna-study.js";
import { TABLES_FORM } from "./optuna-tables.js";

/** The forms of the tables that are read: that of Optuna 3.0.0 to 3.1, and that of all newer versions so far. */
const READABLE = new Set(["v3.0.0.d", TABLES_FORM]);

/** Times are in UTC, without saying so. */
const moment = z
  .string()
  .nullable()
  .transform((text) => {
    const time = text === null ? Number.NaN : Date.parse(`${text.replace(" ", "T")}Z`);
    return Number.isNaN(time) ? undefined : time;
  });
const attributeRow = z.object({ owner: z.int(), key: z.string(), value_json: z.string() });
const studyRow = z.object({ study_id: z.int(), study_name: z.string() });
const directionRow = z.object({ study_id: z.int(), direction: z.enum(OPTUNA_DIRECTIONS) });
const trialRow = z.object({
  trial_id: z.int(),
  study_id: z.int(),
  state: z.enum(OPTUNA_STATES),
  datetime_start: moment,
  datetime_complete: moment,
});
const paramRow = z.object({
  trial_id: z.int(),
  param_name: z.string(),
  param_value: z.number(),
  distribution_json: z.string(),
});
const NUMBERS = { INF_POS: Number.POSITIVE_INFINITY, INF_NEG: Number.NEGATIVE_INFINITY, NAN: Number.NaN };
const number = (value: number | null, type: "FINITE" | keyof typeof NUMBERS): number =>
  type === "FINITE" ? (value ?? Number.NaN) : NUMBERS[type];
const numberType = z.enum(["FINITE", "INF_POS", "INF_NEG", "NAN"]);
const valueRow = z
  .object({ trial_id: z.int(), objective: z.int(), value: z.number().nullable(), value_type: numberType })
  .transform(({ value, value_type: type, ...row }) => ({ ...row, value: number(value, type) }));
const intermediateRow = z
  .object({
    trial_id: z.int(),
    step: z.int(),
    intermediate_value: z.number().nullable(),
    intermediate_value_type: numberType,
  })
  .transform(({ trial_id, step, intermediate_value: value, intermediate_value_type: type }) => {
    return { trial_id, step, value: number(value, type) };
  });

/** The rows of a query, checked. */
function rowsOf<Row>(database: Database.Database, row: z.ZodType<Row>, query: string): Row[] {
  return z.array(row).parse(database.prepare(query).all());
}

function grouped<Row, Value>(
  rows: readonly Row[],
  keyOf: (row: Row) => number,
  valueOf: (row: Row) => Value,
): Map<number, Value[]> {
  const groups = new Map<number, Value[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [valueOf(row)]);
    else group.push(valueOf(row));
  }
  return groups;
}

function attributesOf(
  database: Database.Database,
  table: string,
  owner: string,
): (id: number) => Readonly<Record<string, Json>> {
  const rows = rowsOf(database, attributeRow, `SELECT ${owner} AS owner, "key", value_json FROM ${table}`);
  const groups = grouped(
    rows,
    (row) => row.owner,
    ({ key, value_json: text }): [string, Json] => [key, jsonValue.parse(parsePythonJson(text))],
  );
  return (id) => Object.fromEntries(groups.get(id) ?? []);
}

function readStudies(database: Database.Database): OptunaStudy[] {
  const params = grouped(
    rowsOf(
      database,
      paramRow,
      "SELECT trial_id, param_name, param_value, distribution_json FROM trial_params ORDER BY param_id",
    ),
    (row) => row.trial_id,
    (row): [string, OptunaParam] => [
      row.param_name,
      { internal: row.param_value, distribution: parseDistribution(row.distribution_json) },
    ],
  );
  const values = grouped(
    rowsOf(
      database,
      valueRow,
      "SELECT trial_id, objective, value, value_type FROM trial_values ORDER BY objective",
    ),
    (row) => row.trial_id,
    ({ value }) => value,
  );
  const intermediates = grouped(
    rowsOf(
      database,
      intermediateRow,
      "SELECT trial_id, step, intermediate_value, intermediate_value_type FROM trial_intermediate_values",
    ),
    (row) => row.trial_id,
    ({ step, value }): [number, number] => [step, value],
  );
  const userAttributes = attributesOf(database, "trial_user_attributes", "trial_id");
  const systemAttributes = attributesOf(database, "trial_system_attributes", "trial_id");
  const trials = grouped(
    rowsOf(
      database,
      trialRow,
      "SELECT trial_id, study_id, state, datetime_start, datetime_complete FROM trials ORDER BY number, trial_id",
    ),
    (row) => row.study_id,
    (row): OptunaTrial => ({
      state: row.state,
      startedAt: row.datetime_start,
      endedAt: row.datetime_complete,
      params: new Map(params.get(row.trial_id)),
      values: values.get(row.trial_id),
      intermediates: new Map(intermediates.get(row.trial_id)),
      userAttributes: userAttributes(row.trial_id),
      systemAttributes: systemAttributes(row.trial_id),
    }),
  );
  const directions = grouped(
    rowsOf(database, directionRow, "SELECT study_id, direction FROM study_directions ORDER BY objective"),
    (row) => row.study_id,
    ({ direction }) => direction,
  );
  const studyUserAttributes = attributesOf(database, "study_user_attributes", "study_id");
  const studySystemAttributes = attributesOf(database, "study_system_attributes", "study_id");
  const studies = rowsOf(database, studyRow, "SELECT study_id, study_name FROM studies ORDER BY study_id");
  return studies.map(({ study_id: id, study_name: name }) => ({
    name,
    directions: directions.get(id) ?? [],
    userAttributes: studyUserAttributes(id),
    systemAttributes: studySystemAttributes(id),
    trials: trials.get(id) ?? [],
  }));
}

/** Which form the tables of Optuna have; undefined if the file has no such tables. */
function formOf(database: Database.Database): string | undefined {
  const named = z.array(z.object({ name: z.string() }));
  const tables = named.parse(database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all());
  const names = new Set(tables.map(({ name }) => name));
  if (!names.has("alembic_version") || !names.has("studies") || !names.has("trials")) return undefined;
  const versions = z.array(z.object({ version_num: z.string() }));
  return versions.parse(database.prepare("SELECT version_num FROM alembic_version").all())[0]?.version_num;
}

/**
 * Reads an SQLite file of Optuna 3 to 5 (schema version 12), without changing it.
 *
 * @param path absolute
 * @param file its name, for messages
 * @throws CurvewiseError `IMPORT_INVALID`
 */
export function readOptunaSqlite(path: string, file: string): OptunaStudy[] {
  let database: Database.Database | undefined;
  try {
    database = new Database(`${pathToFileURL(path).href}?mode=ro`, { timeout: 10_000 });
    const form = formOf(database);
    if (form === undefined) {
      refuseFile(file, "this SQLite file has none of Optuna's tables", {
        hint: "Give the file of an Optuna storage `sqlite:///FILE`.",
      });
    }
    if (!READABLE.has(form)) {
      refuseFile(file, `its tables have the form ${form} of another version of Optuna`, {
        hint: `\`optuna storage upgrade --storage sqlite:///${file}\` brings older files to the form ${TABLES_FORM}.`,
      });
    }
    return readStudies(database);
  } catch (error) {
    if (isCurvewiseError(error)) throw error;
    const why = error instanceof z.ZodError ? z.prettifyError(error).split("\n").join(" ") : messageOf(error);
    return refuseFile(file, `it cannot be read as an Optuna storage: ${why}`, {
      hint: "Check that the file is whole, and that no other program is changing it.",
      cause: error,
    });
  } finally {
    database?.close();
  }
}
