import { nothingElse } from "../core/fields.js";
import type { Assignment } from "../core/launcher.js";
import type { ProgramDefinition } from "../core/study-definition.js";
import { fromZero } from "./counted-from-zero.js";
import { lineBuffering } from "./line-buffering.js";

/** What {@link trialEnvironment} needs besides the assignment. */
export interface EnvironmentSetup {
  readonly program: Pick<ProgramDefinition, "env" | "firstStep" | "buffering" | "park">;
  readonly paramsFile: string;
  readonly socket: string;
  /** For `CUDA_VISIBLE_DEVICES`. */
  readonly gpus: string | undefined;
}

/** Ways into databases and coordinators, which are nothing to a training program. */
const SECRETS: ReadonlySet<string> = new Set(["CURVEWISE_TOKEN", "CURVEWISE_STORAGE", "PGPASSWORD"]);

const withoutSecrets = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !SECRETS.has(name)));

/**
 * The environment variables of an attempt: this process's own but for its secrets, those of the study's definition, and
 * the trial protocol's. Protocol variables without a value are absent, even if this process has them.
 */
export function trialEnvironment(assignment: Assignment, setup: EnvironmentSetup): NodeJS.ProcessEnv {
  const { program, paramsFile, socket, gpus } = setup;
  // The params are in their file, and the launcher enforces the timeout. Who is parked already has an environment.
  const { params: _params, timeout: _timeout, parked: _parked, ...told } = assignment;
  const { study, trial, attempt, seed, maxSteps, folder, resume, snapshotEvery, ...others } = told;
  nothingElse(others);
  const resumeStep = resume && (program.firstStep === 0 ? fromZero(resume.step) : resume.step);
  return {
    ...withoutSecrets(process.env),
    ...(gpus === undefined ? {} : { CUDA_VISIBLE_DEVICES: gpus }),
    ...(program.buffering === "none-of-ours" ? program.env : lineBuffering(program.env, process.env)),
    CURVEWISE_STUDY: study,
    CURVEWISE_TRIAL: String(trial),
    CURVEWISE_ATTEMPT: String(attempt),
    CURVEWISE_PARAMS: paramsFile,
    CURVEWISE_SEED: String(seed),
    CURVEWISE_FIRST_STEP: program.firstStep === 0 ? "0" : undefined,
    CURVEWISE_MAX_STEPS: maxSteps === undefined ? undefined : String(maxSteps),
    CURVEWISE_DIR: folder,
    CURVEWISE_RESUME: resume?.path,
    CURVEWISE_RESUME_STEP: resumeStep === undefined ? undefined : String(resumeStep),
    CURVEWISE_SNAPSHOT_EVERY: snapshotEvery === undefined ? undefined : String(snapshotEvery),
    CURVEWISE_SOCKET: socket,
    CURVEWISE_PARK: program.park === 0 ? undefined : "1",
  };
}
