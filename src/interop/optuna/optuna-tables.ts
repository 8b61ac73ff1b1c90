/** The form of Optuna's tables that is written: alembic's head of Optuna 3.2 to 5.0. */
export const TABLES_FORM = "v3.2.0.a";
/** The version that Optuna itself checks. */
export const SCHEMA_VERSION = 12;
/** Which version of Optuna the files are written like. */
export const WRITTEN_LIKE = "5.0.0";

const attributes = (table: string, owner: string): string => `CREATE TABLE ${table}_attributes (
  ${table}_attribute_id INTEGER NOT NULL PRIMARY KEY,
  ${owner}_id INTEGER REFERENCES ${owner === "study" ? "studies" : "trials"} (${owner}_id),
  "key" VARCHAR(512),
  value_json TEXT,
  UNIQUE (${owner}_id, "key")
)`;

/** Creates Optuna's tables, empty but for the versions; as SQLAlchemy does from `optuna/storages/_rdb/models.py`. */
export const CREATE_TABLES: readonly string[] = [
  "CREATE TABLE studies (study_id INTEGER NOT NULL PRIMARY KEY, study_name VARCHAR(512) NOT NULL)",
  "CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name)",
  `CREATE TABLE version_info (
  version_info_id INTEGER NOT NULL PRIMARY KEY CHECK (version_info_id = 1),
  schema_version INTEGER,
  library_version VARCHAR(256)
)`,
  `INSERT INTO version_info VALUES (1, ${SCHEMA_VERSION}, '${WRITTEN_LIKE}')`,
  `CREATE TABLE study_directions (
  study_direction_id INTEGER NOT NULL PRIMARY KEY,
  direction VARCHAR(8) NOT NULL,
  study_id INTEGER NOT NULL REFERENCES studies (study_id),
  objective INTEGER NOT NULL,
  UNIQUE (study_id, objective)
)`,
  attributes("study_user", "study"),
  attributes("study_system", "study"),
  `CREATE TABLE trials (
  trial_id INTEGER NOT NULL PRIMARY KEY,
  number INTEGER,
  study_id INTEGER REFERENCES studies (study_id),
  state VARCHAR(8) NOT NULL,
  datetime_start DATETIME,
  datetime_complete DATETIME
)`,
  "CREATE INDEX ix_trials_study_id ON trials (study_id)",
  attributes("trial_user", "trial"),
  attributes("trial_system", "trial"),
  `CREATE TABLE trial_params (
  param_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER REFERENCES trials (trial_id),
  param_name VARCHAR(512),
  param_value FLOAT,
  distribution_json TEXT,
  UNIQUE (trial_id, param_name)
)`,
  `CREATE TABLE trial_values (
  trial_value_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id),
  objective INTEGER NOT NULL,
  value FLOAT,
  value_type VARCHAR(7) NOT NULL,
  UNIQUE (trial_id, objective)
)`,
  `CREATE TABLE trial_intermediate_values (
  trial_intermediate_value_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id),
  step INTEGER NOT NULL,
  intermediate_value FLOAT,
  intermediate_value_type VARCHAR(7) NOT NULL,
  UNIQUE (trial_id, step)
)`,
  `CREATE TABLE trial_heartbeats (
  trial_heartbeat_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER NOT NULL UNIQUE REFERENCES trials (trial_id),
  heartbeat DATETIME NOT NULL
)`,
  "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY)",
  `INSERT INTO alembic_version VALUES ('${TABLES_FORM}')`,
];
