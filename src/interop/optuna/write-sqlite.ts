import Database from "libsql";
import { pythonJson } from "../python-json.js";
import { distributionText, type OptunaStudy, type OptunaTrial } from "./optuna-study.js";
import { CREATE_TABLES } from "./optuna-tables.js";

/** A time as SQLAlchemy writes it: UTC, without saying so. */
const momentText = (time: number | undefined): string | null =>
  time === undefined ? null : `${new Date(time).toISOString().slice(0, -1).replace("T", " ")}000`;

/** A number and what kind of number it is, since the column holds finite ones only. */
function numberCells(value: number): [number | null, string] {
  if (Number.isFinite(value)) return [value, "FINITE"];
  return [null, Number.isNaN(value) ? "NAN" : value > 0 ? "INF_POS" : "INF_NEG"];
}

const attributesInto = (table: string, owner: string): string =>
  `INSERT INTO ${table}_attributes (${owner}_id, "key", value_json) VALUES (?, ?, ?)`;

/** The statements that one trial needs, prepared once. */
function preparedFor(database: Database.Database) {
  const into = (table: string, columns: readonly string[]): Database.Statement =>
    database.prepare(
      `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
  return {
    trial: into("trials", ["trial_id", "number", "study_id", "state", "datetime_start", "datetime_complete"]),
    param: into("trial_params", ["trial_id", "param_name", "param_value", "distribution_json"]),
    value: into("trial_values", ["trial_id", "objective", "value", "value_type"]),
    intermediate: into("trial_intermediate_values", [
      "trial_id",
      "step",
      "intermediate_value",
      "intermediate_value_type",
    ]),
    user: database.prepare(attributesInto("trial_user", "trial")),
    system: database.prepare(attributesInto("trial_system", "trial")),
  };
}

function insertTrial(statements: ReturnType<typeof preparedFor>, trial: OptunaTrial, number: number): void {
  const id = number + 1;
  statements.trial.run(id, number, 1, trial.state, momentText(trial.startedAt), momentText(trial.endedAt));
  for (const [name, { internal, distribution }] of trial.params)
    statements.param.run(id, name, internal, distributionText(distribution));
  for (const [objective, value] of (trial.values ?? []).entries())
    statements.value.run(id, objective, ...numberCells(value));
  for (const [step, value] of trial.intermediates)
    statements.intermediate.run(id, step, ...numberCells(value));
  for (const [key, value] of Object.entries(trial.userAttributes))
    statements.user.run(id, key, pythonJson(value));
  for (const [key, value] of Object.entries(trial.systemAttributes))
    statements.system.run(id, key, pythonJson(value));
}

/**
 * Writes an SQLite file that Optuna opens as `sqlite:///PATH`.
 *
 * @param path of a file that does not exist yet
 * @throws errors of SQLite
 */
export function writeOptunaSqlite(path: string, study: OptunaStudy): void {
  const database = new Database(path);
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN");
    for (const statement of CREATE_TABLES) database.exec(statement);
    database.prepare("INSERT INTO studies (study_id, study_name) VALUES (1, ?)").run(study.name);
    const direction = database.prepare(
      "INSERT INTO study_directions (direction, study_id, objective) VALUES (?, 1, ?)",
    );
    for (const [objective, each] of study.directions.entries()) direction.run(each, objective);
    const user = database.prepare(attributesInto("study_user", "study"));
    for (const [key, value] of Object.entries(study.userAttributes)) user.run(1, key, pythonJson(value));
    const system = database.prepare(attributesInto("study_system", "study"));
    for (const [key, value] of Object.entries(study.systemAttributes)) system.run(1, key, pythonJson(value));
    const statements = preparedFor(database);
    for (const [number, trial] of study.trials.entries()) insertTrial(statements, trial, number);
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}
