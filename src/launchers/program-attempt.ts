import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../core/errors.js";
import { type Failure, failureOf } from "../core/failure.js";
import type { Assignment, AttemptEnd, StopSignal, TrialChannel } from "../core/launcher.js";
import type { ProgramDefinition } from "../core/study-definition.js";
import { hostTroubleOf, missingTemporaryFolder } from "../system/index.js";
import { forgetAttempt, recordAttempt } from "./attempt-file.js";
import { killAttempts } from "./attempt-processes.js";
import { type CommandTemplate, fillCommand, predefinedValues } from "./command-template.js";
import { countedFromZero } from "./counted-from-zero.js";
import { afterSeconds } from "./deadline.js";
import { missingProgramHint } from "./find-program.js";
import { openMetricSource } from "./metric-source.js";
import { openOutputLog } from "./output-log.js";
import { createOutputTail } from "./output-tail.js";
import { watchOwnSnapshots } from "./own-snapshots.js";
import { killGroup, signalGroup } from "./process-group.js";
import { programVariables, writeProgramFiles } from "./program-files.js";
import { watchOutput } from "./program-output.js";
import { createStopper } from "./program-stopper.js";
import { trialEnvironment } from "./trial-environment.js";
import { openTrialSocket, type TrialSocket } from "./trial-socket.js";
import { createTalk, type TrialTalk } from "./trial-talk.js";

/** What one attempt of a program needs. */
export interface ProgramAttempt {
  readonly program: ProgramDefinition;
  readonly template: CommandTemplate;
  readonly assignment: Assignment;
  readonly channel: TrialChannel;
  readonly gpus: string | undefined;
  readonly kill: StopSignal;
}

const ENDED: AttemptEnd = { kind: "ended" };

function failed(code: string, message: string, hint: string, output: readonly string[] = []): AttemptEnd {
  return { kind: "failed", error: { code, message, hint }, output };
}

/** Seconds that a program must have run for its late output to be worth a note: a short one ends before any answer. */
const LONG_RUN = 1;
/** All reports came at the end if they took less than this share of the time before them. */
const SHORT_SHARE = 0.1;

/** Told of a program whose every report came when it had ended. */
const OUTPUT_AT_END: Failure = {
  code: "OUTPUT_AT_END",
  message: "the program's reports came only when it had ended: it could not be stopped or paused",
  hint: "Have it flush its output after each line (fflush(stdout), std::endl, or stdbuf -oL before the command).",
};

/** Seconds within which a signal that ended the program may also reach this process. */
const SIGNAL_PATIENCE = 1;

/** How a program ended. */
interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

function exitFailure(
  { shell }: ProgramDefinition,
  env: NodeJS.ProcessEnv,
  log: string,
  { code, signal }: Exit,
): Failure {
  const missing = missingTemporaryFolder(env);
  const hints = [
    ...(signal === "SIGKILL" ? ["The system may have run out of memory."] : []),
    ...(signal === null && shell && (code === 126 || code === 127)
      ? ["The shell did not find the program, or could not execute it."]
      : []),
    ...(missing === undefined ? [] : [`TMPDIR names ${missing}, which is not a folder.`]),
    `Its output is in ${log}.`,
  ];
  const end = signal === null ? `exit code ${code}` : `signal ${signal}`;
  return { code: "PROGRAM_FAILED", message: `the program ended with ${end}`, hint: hints.join(" ") };
}

/**
 * Batch systems signal all processes of a job at once, so a program may end before this process gets its own
 * signal. The program then did not fail: its job is being ended.
 */
function firesSoon(interrupted: StopSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const onFire = (): void => {
      timer.cancel();
      resolve(true);
    };
    const timer = afterSeconds(SIGNAL_PATIENCE, () => {
      interrupted.removeEventListener("abort", onFire);
      resolve(interrupted.aborted);
    });
    interrupted.addEventListener("abort", onFire, { once: true });
    if (interrupted.aborted) onFire();
  });
}

/** Starts a process that leads its own group. Rejects if it cannot be started, or if `onStart` throws. */
async function start(
  argv: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv,
  onStart: (pid: number) => void,
): Promise<ChildProcess> {
  const [file = "", ...rest] = argv;
  const child = spawn(file, rest, { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid !== undefined) {
    try {
      onStart(child.pid);
    } catch (thrown) {
      child.on("error", () => {});
      await killGroup(child.pid);
      throw thrown;
    }
  }
  await once(child, "spawn");
  child.on("error", () => {});
  return child;
}

/** Runs a program once, until none of its processes is left. */
export async function runProgram(attempt: ProgramAttempt): Promise<AttemptEnd> {
  const { assignment, channel, kill } = attempt;
  if (kill.aborted || channel.interrupted.aborted) return ENDED;
  const counted = createTalk(assignment, channel);
  const talk = attempt.program.firstStep === 0 ? countedFromZero(counted) : counted;
  let socket: TrialSocket | undefined;
  // Answers come only once the program has started, and only then is it known what to do at one.
  let onTold = (): void => {};
  try {
    socket = await openTrialSocket(talk, (answer) => {
      if ("action" in answer && (answer.action === "pause" || answer.action === "stop")) onTold();
    });
    const opened = socket;
    return await runWithSocket(attempt, counted, opened, (action) => {
      onTold = action;
    });
  } catch (thrown) {
    const noSocket = "Set TMPDIR to a folder that exists and in which files can be created.";
    const hint = hostTroubleOf(thrown) ?? (socket === undefined ? noSocket : undefined);
    const message = `the program cannot be started: ${messageOf(thrown)}`;
    if (hint !== undefined) return { kind: "not-started", error: { code: "HOST_TROUBLE", message, hint } };
    return failed(
      "COMMAND_FAILED",
      message,
      missingProgramHint(attempt.program) ?? "Check the command, its working folder and the system's limits.",
    );
  } finally {
    await socket?.drain();
    await talk.close();
  }
}

async function runWithSocket(
  attempt: ProgramAttempt,
  talk: TrialTalk,
  socket: TrialSocket,
  whenTold: (action: () => void) => void,
): Promise<AttemptEnd> {
  const { program, template, channel, kill, gpus } = attempt;
  const own = await watchOwnSnapshots(program, attempt.assignment, kill);
  const assignment = own?.assignment ?? attempt.assignment;
  const { folder, params } = assignment;
  const predefined = predefinedValues(assignment);
  const paramsFile = join(folder, "params.json");
  await writeFile(paramsFile, `${JSON.stringify(params)}\n`);
  await writeProgramFiles(program, params, predefined, folder);
  const argv = fillCommand(template, params, predefined);
  const env = trialEnvironment(assignment, {
    program: { ...program, env: programVariables(program, params, predefined) },
    paramsFile,
    socket: socket.path,
    gpus,
  });
  const logPath = join(folder, `output-${assignment.attempt}.log`);
  const log = await openOutputLog(logPath, talk.note);
  const tail = createOutputTail();
  try {
    return await supervise();
  } finally {
    await log.close();
    await forgetAttempt(folder, assignment.attempt);
  }

  async function supervise(): Promise<AttemptEnd> {
    // What an earlier attempt left in a session of its own would write into the same folder.
    if (assignment.attempt > 1) await killAttempts(folder, { before: assignment.attempt });
    const source = await openMetricSource({ program, assignment, talk, kill });
    const child = await start(argv, program.folder, env, (pid) =>
      recordAttempt(folder, pid, assignment.attempt, socket.folder),
    );
    const { pid, stdout, stderr } = child;
    if (pid === undefined || stdout === null || stderr === null) throw new Error("it has no process id");
    const exit = once(child, "exit");
    const began = performance.now();
    /** What it printed, also after it was told to stop: seconds before the first report and the last, the last step. */
    const printed = { first: Number.POSITIVE_INFINITY, last: 0, step: 0 };
    const onReport = (step: number): void => {
      const after = (performance.now() - began) / 1000;
      Object.assign(printed, { first: Math.min(printed.first, after), last: after, step });
      if (talk.told === undefined) own?.reported(step);
    };
    const stopper = createStopper(pid, program.killAfter);
    let asked = false;
    let timedOut = false;

    const endSaved = async (saved: Promise<void>): Promise<void> => {
      await saved.catch((thrown: unknown) => talk.note(failureOf(thrown, "SNAPSHOT_FAILED")));
      stopper.terminate();
      // Stopped processes take signals once they go on.
      signalGroup(pid, "SIGCONT");
    };

    let told = false;
    whenTold(() => {
      // Only once: a program must not put off its end by reporting on and on.
      if (!told) stopper.expectEnd();
      told = true;
    });
    const onInterrupt = (): void => {
      asked = true;
      if (socket.used) stopper.expectEnd();
      else if (own === undefined) stopper.terminate();
      else void endSaved(own.takeNow(pid));
    };
    const onKill = (): void => stopper.kill();
    const limit =
      assignment.timeout === undefined
        ? undefined
        : afterSeconds(assignment.timeout, () => {
            if (asked || talk.told !== undefined) return;
            timedOut = true;
            stopper.terminate();
          });
    channel.interrupted.addEventListener("abort", onInterrupt, { once: true });
    kill.addEventListener("abort", onKill, { once: true });
    if (channel.interrupted.aborted) onInterrupt();
    if (kill.aborted) onKill();

    const { onLine } = source;
    const outputs = [
      watchOutput("stdout", stdout, { log, tail, onLine: onLine.stdout }),
      watchOutput("stderr", stderr, { log, tail, onLine: onLine.stderr }),
    ];
    let saving = false;
    const onSourceTold = (): void => {
      if (own === undefined || talk.told !== "pause") stopper.terminate();
      else if (!saving) {
        saving = true;
        void endSaved(own.saved(pid));
      }
    };
    source.begin({ onTold: onSourceTold, onReport });
    try {
      const [code, signal]: readonly (number | string | null)[] = await exit;
      stopper.release();
      limit?.cancel();
      await killGroup(pid);
      if (kill.aborted) await killAttempts(folder, { socket: socket.path });
      await Promise.all(outputs.map((output) => output.finish()));
      await source.end();
      await socket.drain();
      if (kill.aborted) return ENDED;
      if (asked || talk.told === "pause") await own?.handIn(talk, signal !== null);
      if (timedOut) {
        return failed(
          "TRIAL_TIMEOUT",
          `the attempt took longer than ${assignment.timeout} s`,
          `Raise timeout, or make the training shorter. Its output is in ${logPath}.`,
          tail.lines(),
        );
      }
      // One that printed its last step although it was told to stop has trained to its end.
      if (talk.told === "stop" && printed.step >= (assignment.maxSteps ?? Number.POSITIVE_INFINITY)) {
        const { first, last } = printed;
        if (first >= LONG_RUN && last - first < SHORT_SHARE * first) talk.note(OUTPUT_AT_END);
        return { kind: "ended", unspared: true };
      }
      if (asked || talk.told !== undefined || code === 0) return ENDED;
      if ((signal !== null || Number(code) > 128) && (await firesSoon(channel.interrupted))) return ENDED;
      const error = exitFailure(program, env, logPath, {
        code: typeof code === "number" ? code : null,
        signal: typeof signal === "string" ? signal : null,
      });
      return { kind: "failed", error, output: tail.lines() };
    } finally {
      source.close();
      limit?.cancel();
      channel.interrupted.removeEventListener("abort", onInterrupt);
      kill.removeEventListener("abort", onKill);
    }
  }
}
