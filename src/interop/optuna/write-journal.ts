import { pythonJson } from "../python-json.js";
import {
  distributionText,
  OPTUNA_DIRECTIONS,
  OPTUNA_STATES,
  type OptunaStudy,
  type OptunaTrial,
} from "./optuna-study.js";

/** Who wrote the lines; Optuna compares it with its own workers' names only. */
const WRITER = "curvewise";

/** A time with its zone, as Python writes it. */
const momentText = (time: number): string => new Date(time).toISOString().replace("Z", "000+00:00");

/** A trial with everything that is known of it, as `Study.add_trial` writes it. */
function trialLine(trial: OptunaTrial): Readonly<Record<string, unknown>> {
  const params = [...trial.params];
  return {
    op_code: 4,
    worker_id: WRITER,
    study_id: 0,
    datetime_start: trial.startedAt === undefined ? null : momentText(trial.startedAt),
    ...(trial.endedAt === undefined ? {} : { datetime_complete: momentText(trial.endedAt) }),
    state: OPTUNA_STATES.indexOf(trial.state),
    value: null,
    values: trial.values ?? null,
    distributions: Object.fromEntries(
      params.map(([name, { distribution }]) => [name, distributionText(distribution)]),
    ),
    params: Object.fromEntries(params.map(([name, { internal }]) => [name, internal])),
    user_attrs: trial.userAttributes,
    system_attrs: trial.systemAttributes,
    intermediate_values: Object.fromEntries(trial.intermediates),
  };
}

/** The lines of a journal, which `JournalFileBackend` of Optuna reads and goes on with. */
export function* journalLines(study: OptunaStudy): Generator<string> {
  const directions = study.directions.map((each) => OPTUNA_DIRECTIONS.indexOf(each));
  const about = { worker_id: WRITER, study_id: 0 };
  yield pythonJson({ op_code: 0, worker_id: WRITER, study_name: study.name, directions });
  for (const [key, value] of Object.entries(study.userAttributes))
    yield pythonJson({ op_code: 2, ...about, user_attr: { [key]: value } });
  for (const [key, value] of Object.entries(study.systemAttributes))
    yield pythonJson({ op_code: 3, ...about, system_attr: { [key]: value } });
  for (const trial of study.trials) yield pythonJson(trialLine(trial));
}
