export { checkCommand, PREDEFINED_PLACEHOLDERS } from "./command-template.js";
export { resolveProgram } from "./find-program.js";
export { type InlineLauncherOptions, inlineLauncher } from "./inline.js";
export { type LocalLauncherOptions, localLauncher } from "./local.js";
export { checkMetricReading } from "./metric-reader.js";
export type { RunningTrial, Train } from "./running-trial.js";
export { type ThreadLauncherOptions, threadLauncher } from "./thread.js";
