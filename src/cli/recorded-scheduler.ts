import { chooseAlgorithm, knownSchedulers } from "../config/algorithms.js";
import { isCurvewiseError } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { changedDefinition } from "../core/study-change.js";
import { type AlgorithmChoice, moduleText, type StudyDefinition } from "../core/study-definition.js";

/** A study's own scheduler, as loaded here. */
interface RecordedScheduler {
  readonly choice: SchedulerChoice;
  /** A warning if its code is not the recorded code. */
  readonly caution: string | undefined;
}

/** Why a study's own scheduler is not available. */
export interface MissingScheduler {
  readonly unchecked: string;
}

const OTHERWISE = "--module names the file or the package that defines it";

/**
 * Turns errors into the reason why the scheduler is not available: here, nothing in the user's input can
 * cause them.
 */
async function unlessMissing(
  run: () => Promise<RecordedScheduler | MissingScheduler>,
): Promise<RecordedScheduler | MissingScheduler> {
  try {
    return await run();
  } catch (error) {
    if (!isCurvewiseError(error)) throw error;
    return { unchecked: `${error.message}; ${OTHERWISE}` };
  }
}

function builtIn({ name, options }: AlgorithmChoice): RecordedScheduler | MissingScheduler {
  const known = knownSchedulers();
  const choice = known.has(name) ? chooseAlgorithm(known, { [name]: options }) : undefined;
  if (choice !== undefined) return { choice, caution: undefined };
  return {
    unchecked: `the scheduler ${name} is not built in, and the log does not name its module; ${OTHERWISE}`,
  };
}

/** Loads what the user named. @throws CurvewiseError `ALGORITHM_NOT_FOUND`, `ALGORITHM_INVALID`, `OPTIONS_INVALID` */
async function given(
  recorded: AlgorithmChoice,
  specifier: string,
): Promise<RecordedScheduler | MissingScheduler> {
  const { locateModule } = await import("../config/module-location.js");
  const { loadScheduler } = await import("../config/load-algorithm.js");
  const loaded = await loadScheduler(locateModule(specifier, [process.cwd()]));
  if (loaded.name !== recorded.name) {
    return {
      unchecked: `${specifier} defines the scheduler ${loaded.name}, but the study has ${recorded.name}`,
    };
  }
  const isSame = recorded.module === undefined || recorded.module.digest === loaded.module.digest;
  const caution = isSame
    ? undefined
    : `The code is not the recorded code: ${moduleText(loaded.module)} instead of SHA-256 ${recorded.module.digest.slice(0, 12)}....`;
  return { choice: loaded.choose(recorded.options), caution };
}

/** Loads the recorded module, unless it has changed: what runs is what was recorded. */
async function found(recorded: AlgorithmChoice): Promise<RecordedScheduler | MissingScheduler> {
  const { module } = recorded;
  if (module === undefined) return builtIn(recorded);
  const { locateModule } = await import("../config/module-location.js");
  const { digestModule } = await import("../config/module-digest.js");
  const location = locateModule(module.specifier, [module.folder, process.cwd()]);
  const digest = await digestModule(location.file);
  if (digest !== module.digest) {
    const now = moduleText({ ...module, digest });
    return {
      unchecked: `its code has changed: it is now ${now}, but SHA-256 ${module.digest.slice(0, 12)}... was recorded; --module ${location.file} checks with it anyway`,
    };
  }
  const { loadScheduler } = await import("../config/load-algorithm.js");
  return { choice: (await loadScheduler(location)).choose(recorded.options), caution: undefined };
}

/**
 * A study's own scheduler. One that is not built in is loaded from where the study loaded it, if its code is
 * still the recorded code, or from where the user says.
 *
 * @param module what the user named: a file's path, or a package
 * @throws CurvewiseError `ALGORITHM_NOT_FOUND`, `ALGORITHM_INVALID`, `OPTIONS_INVALID` for what the user
 * named
 */
function recordedScheduler(
  { scheduler }: StudyDefinition,
  module: string | undefined,
): Promise<RecordedScheduler | MissingScheduler> {
  if (module !== undefined) return given(scheduler, module);
  return unlessMissing(() => found(scheduler));
}

/** What a scheduler is known by, wherever it is loaded from. */
const keyOf = ({ name, options }: AlgorithmChoice): string => JSON.stringify([name, options]);

/** The definitions in which a study had different schedulers, the newest of each scheduler. */
function definitionsOf(events: readonly StudyEvent[]): Map<string, StudyDefinition> {
  const definitions = new Map<string, StudyDefinition>();
  let definition: StudyDefinition | undefined;
  for (const event of events) {
    if (event.type === "study-created") definition = event.definition;
    else if (event.type === "study-changed" && definition !== undefined)
      definition = changedDefinition(definition, event);
    else continue;
    if (definition !== undefined) definitions.set(keyOf(definition.scheduler), definition);
  }
  return definitions;
}

/** The own schedulers of a study, which may have been changed. */
export interface RecordedSchedulers {
  readonly choiceFor: (definition: StudyDefinition) => SchedulerChoice;
  /** A warning if the code of one is not the recorded code. */
  readonly caution: string | undefined;
}

/**
 * All schedulers that a study has had, according to its log.
 *
 * @param module where the present one is, if the user says so: see {@link recordedScheduler}
 * @throws CurvewiseError `ALGORITHM_NOT_FOUND`, `ALGORITHM_INVALID`, `OPTIONS_INVALID` for what the user named
 */
export async function recordedSchedulers(
  present: StudyDefinition,
  events: readonly StudyEvent[],
  module: string | undefined,
): Promise<RecordedSchedulers | MissingScheduler> {
  const own = await recordedScheduler(present, module);
  if ("unchecked" in own) return own;
  const choices = new Map<string, SchedulerChoice>();
  let { caution } = own;
  for (const [key, definition] of definitionsOf(events)) {
    const isNamed = definition.scheduler.name === present.scheduler.name;
    const found = await recordedScheduler(definition, isNamed ? module : undefined);
    if ("unchecked" in found) return found;
    choices.set(key, found.choice);
    caution ??= found.caution;
  }
  const choiceFor: RecordedSchedulers["choiceFor"] = ({ scheduler }) =>
    choices.get(keyOf(scheduler)) ?? own.choice;
  return { choiceFor, caution };
}

/** The positions in a log, from 1, at which the scheduler's code changed. */
export function codeChanges(events: readonly StudyEvent[]): number[] {
  let digest: string | undefined;
  return events.flatMap((event, index) => {
    // Another scheduler is not other code.
    if (event.type === "study-changed" && event.scheduler !== undefined) digest = undefined;
    const module =
      event.type === "study-created"
        ? event.definition.scheduler.module
        : event.type === "study-changed"
          ? (event.scheduler?.module ?? event.modules?.scheduler)
          : undefined;
    if (module === undefined || module.digest === digest) return [];
    const isChange = digest !== undefined;
    digest = module.digest;
    return isChange ? [index + 1] : [];
  });
}
