import { CurvewiseError } from "../core/errors.js";
import type { Launcher, StopSignal } from "../core/launcher.js";
import type { ProgramDefinition } from "../core/study-definition.js";
import { reapAttempt } from "./attempt-file.js";
import { parseCommand } from "./command-template.js";
import { checkMetricReading } from "./metric-reader.js";
import { createParkingLot } from "./parking-lot.js";
import { runProgram } from "./program-attempt.js";
import type { WaitingProgram } from "./program-parking.js";
import { createRunningAttempts } from "./running-attempts.js";

/** Options of {@link localLauncher}. */
export interface LocalLauncherOptions {
  readonly program: ProgramDefinition;
  /** How many programs run at the same time. */
  readonly slots: number;
  /**
   * Which GPUs the slots use, as `CUDA_VISIBLE_DEVICES` names them: slot n gets entry n, wrapping around if
   * there are fewer entries. An entry may name several: `"0,1"`.
   */
  readonly gpus?: readonly string[];
}

/**
 * Runs a program on this machine, as many at a time as there are slots. Each is a child process that leads
 * its own process group; it uses the trial protocol (`protocol/`), or its metrics are read from its standard
 * output, which goes to `output-<attempt>.log` in the trial's folder along with standard error.
 *
 * A program that can wait stays in memory when it is paused, until the trial goes on or there is no room: see
 * `ProgramDefinition.park`.
 *
 * @throws CurvewiseError `COMMAND_INVALID`, `METRICS_INVALID`; `PLATFORM_UNSUPPORTED` on Windows, which has
 *   neither process groups nor signals
 */
export function localLauncher({ program, slots, gpus = [] }: LocalLauncherOptions): Launcher {
  if (process.platform === "win32") {
    throw new CurvewiseError("PLATFORM_UNSUPPORTED", "programs cannot be run directly on Windows", {
      hint: "Use the Windows Subsystem for Linux.",
    });
  }
  const template = parseCommand(program);
  checkMetricReading(program.metrics);
  const running = createRunningAttempts();
  const lot = createParkingLot<WaitingProgram>(program.park);
  return {
    name: "local",
    slots,
    run: (assignment, channel, slot, kill) =>
      running.add(kill, (ended: StopSignal) =>
        runProgram({
          program,
          template,
          assignment,
          channel,
          gpus: gpus.length === 0 ? undefined : gpus[slot % gpus.length],
          kill: ended,
          lot,
        }),
      ),
    parked: (study) => lot.of(study),
    unpark: (study, which, atOnce) => lot.clear({ study, ...which }, atOnce),
    reap: reapAttempt,
    close: async () => {
      await Promise.all([running.close(), lot.close()]);
    },
  };
}
