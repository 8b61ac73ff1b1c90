import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../core/errors.js";
import { type Failure, failureOf } from "../core/failure.js";
import type { Assignment, AttemptEnd, StopSignal, TrialChannel } from "../core/launcher.js";
import type { ProgramDefinition } from "../core/study-definition.js";
import { afterSeconds } from "../system/deadline.js";
import { hostTroubleOf, missingTemporaryFolder } from "../system/index.js";
import { forgetAttempt, recordAttempt } from "./attempt-file.js";
import { killAttempts } from "./attempt-processes.js";
import { type CommandTemplate, fillCommand, predefinedValues } from "./command-template.js";
import { countedFromZero } from "./counted-from-zero.js";
import { missingProgramHint } from "./find-program.js";
import { openMetricSource } from "./metric-source.js";
import { openOutputLog } from "./output-log.js";
import { createOutputTail } from "./output-tail.js";
import { watchOwnSnapshots } from "./own-snapshots.js";
import type { ParkingLot } from "./parking-lot.js";
import { killGroup, signalGroup } from "./process-group.js";
import { programVariables, writeProgramFiles } from "./program-files.js";
import { parkProgram, type WaitingProgram } from "./program-parking.js";
import { type Exit, openProgram, type ProgramProcess } from "./program-process.js";
import { createStopper } from "./program-stopper.js";
import { trialEnvironment } from "./trial-environment.js";
import { createTalk, type TrialTalk } from "./trial-talk.js";

/** What one attempt of a program needs. */
export interface ProgramAttempt {
  readonly program: ProgramDefinition;
  readonly template: CommandTemplate;
  readonly assignment: Assignment;
  readonly channel: TrialChannel;
  readonly gpus: string | undefined;
  readonly kill: StopSignal;
  readonly lot: ParkingLot<WaitingProgram>;
}

const ENDED: AttemptEnd = { kind: "ended" };
const PARKED: AttemptEnd = { kind: "ended", parked: true };
/** Of an attempt whose program was to go on, but is gone. */
const LOST: AttemptEnd = { kind: "released", reason: "lost" };

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

function exitFailure(
  { shell }: ProgramDefinition,
  env: NodeJS.ProcessEnv,
  log: string,
  { code, signal }: Exit,
): Failure {
  const missing = missingTemporaryFolder(env);
  const hints = [
    ...(signal === "SIGKILL" ? ["The system may have run out of memory."] : []),
    ...(signal === null && shell && code === 127 ? ["The shell did not find the program."] : []),
    ...(signal === null && shell && code === 126
      ? [
          "The shell may not execute the program: make it executable (chmod +x FILE), or start it by its interpreter, as in python3 FILE.",
        ]
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

/** Takes the program that waits for an attempt; one that waits, but not for this attempt, is ended. */
async function waitingFor({ assignment, gpus, lot }: ProgramAttempt): Promise<WaitingProgram | undefined> {
  const { study, trial, attempt, parked } = assignment;
  const waiting = lot.of(study).find((each) => each.trial === trial);
  if (waiting === undefined) return undefined;
  if (parked !== true || waiting.attempt !== attempt - 1 || waiting.gpus !== gpus) {
    await lot.clear(waiting);
    return undefined;
  }
  lot.remove(waiting);
  return waiting;
}

/** Runs a program once, until none of its processes is left or it waits to go on; or has one that waited go on. */
export async function runProgram(attempt: ProgramAttempt): Promise<AttemptEnd> {
  const { assignment, channel, kill } = attempt;
  if (kill.aborted || channel.interrupted.aborted) return ENDED;
  const waiting = await waitingFor(attempt);
  if (assignment.parked === true && waiting === undefined) return LOST;
  const talk = createTalk(assignment, channel);
  let program = waiting?.program;
  let end: AttemptEnd | undefined;
  try {
    program ??= await openProgram();
    end = await attendTo(attempt, talk, program, waiting);
    return end;
  } catch (thrown) {
    if (waiting !== undefined) await killGroup(waiting.pid);
    const noSocket = "Set TMPDIR to a folder that exists and in which files can be created.";
    const hint = hostTroubleOf(thrown) ?? (program === undefined ? noSocket : undefined);
    const message = `the program cannot be started: ${messageOf(thrown)}`;
    if (hint !== undefined) return { kind: "not-started", error: { code: "HOST_TROUBLE", message, hint } };
    return failed(
      "COMMAND_FAILED",
      message,
      missingProgramHint(attempt.program, thrown) ??
        "Check the command, its working folder and the system's limits.",
    );
  } finally {
    if (end !== PARKED) await program?.socket.drain();
    await talk.close();
  }
}

async function attendTo(
  attempt: ProgramAttempt,
  talk: TrialTalk,
  program: ProgramProcess,
  waiting: WaitingProgram | undefined,
): Promise<AttemptEnd> {
  const { program: definition, template, channel, kill, gpus, lot } = attempt;
  const own = await watchOwnSnapshots(definition, attempt.assignment, kill);
  const assignment = own?.assignment ?? attempt.assignment;
  const { folder, params } = assignment;
  const { socket } = program;
  const logPath = join(folder, `output-${assignment.attempt}.log`);
  const log = await openOutputLog(logPath, talk.note);
  const tail = createOutputTail();
  const close = async (): Promise<void> => {
    await log.close();
    await forgetAttempt(folder, assignment.attempt);
  };
  let end: AttemptEnd | undefined;
  try {
    end = await supervise();
    return end;
  } finally {
    if (end !== PARKED) await close();
  }

  async function start(): Promise<void> {
    const predefined = predefinedValues(assignment);
    const paramsFile = join(folder, "params.json");
    await writeFile(paramsFile, `${JSON.stringify(params)}\n`);
    await writeProgramFiles(definition, params, predefined, folder);
    const argv = fillCommand(template, params, predefined);
    const env = trialEnvironment(assignment, {
      program: { ...definition, env: programVariables(definition, params, predefined) },
      paramsFile,
      socket: socket.path,
      gpus,
    });
    const onStart = (pid: number): void => recordAttempt(folder, pid, assignment.attempt, socket.folder);
    await program.start({ argv, folder: definition.folder, env, onStart });
    void program.exit.then(lot.note(program.pid));
  }

  async function supervise(): Promise<AttemptEnd> {
    // What an earlier attempt left in a session of its own would write into the same folder.
    if (waiting === undefined && assignment.attempt > 1)
      await killAttempts(folder, { before: assignment.attempt });
    const source = await openMetricSource({ program: definition, assignment, after: own?.after, talk, kill });
    let step = 0;
    let onTold = (): void => {};
    let mayPark = (): boolean => false;
    let onParked = (): void => {};
    const parked = new Promise<typeof PARKED>((resolve) => {
      onParked = () => resolve(PARKED);
    });
    const park = async (): Promise<number | undefined> => {
      if (!mayPark()) return undefined;
      const { study, trial, attempt: number } = assignment;
      const told = parkProgram({
        lot,
        place: { study, trial, attempt: number, step },
        program,
        gpus,
        killAfter: definition.killAfter,
        close,
      });
      if (told !== undefined) onParked();
      return told;
    };
    // What the program prints is counted anew where it is read.
    const spoken = definition.firstStep === 0 ? countedFromZero(talk) : talk;
    program.attend({
      talk: {
        report: async (reported, metrics, canExploit) => {
          const answer = await spoken.report(reported, metrics, canExploit);
          step = typeof answer === "object" ? answer.resume.step : reported;
          return answer;
        },
        snapshot: spoken.snapshot,
        note: talk.note,
        park,
      },
      log,
      tail,
      onLine: source.onLine,
      onTold: () => onTold(),
    });
    if (waiting === undefined) await start();
    else recordAttempt(folder, program.pid, assignment.attempt, socket.folder);
    const { pid } = program;
    const began = performance.now();
    /** What it printed, also after it was told to stop: seconds before the first report and the last, the last step. */
    const printed = { first: Number.POSITIVE_INFINITY, last: 0, step: 0 };
    const onReport = (reported: number): void => {
      const after = (performance.now() - began) / 1000;
      Object.assign(printed, { first: Math.min(printed.first, after), last: after, step: reported });
      own?.reported(reported, talk.told === undefined);
    };
    const stopper = createStopper(pid, definition.killAfter);
    let asked = false;
    let timedOut = false;

    const endSaved = async (saved: Promise<void>): Promise<void> => {
      await saved.catch((thrown: unknown) => talk.note(failureOf(thrown, "SNAPSHOT_FAILED")));
      stopper.terminate();
      // Stopped processes take signals once they go on.
      signalGroup(pid, "SIGCONT");
    };

    let told = false;
    onTold = () => {
      // Only once: a program must not put off its end by reporting on and on.
      if (!told) stopper.expectEnd();
      told = true;
    };
    mayPark = () => talk.told === "pause" && !asked && !timedOut && !kill.aborted;
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
      if (waiting !== undefined && !(await waiting.goOn(assignment.attempt))) return LOST;
      const exit = await Promise.race([program.exit, parked]);
      mayPark = () => false;
      stopper.release();
      limit?.cancel();
      if ("kind" in exit) return exit;
      await program.finish();
      // Only this one and those before it: elsewhere another coordinator may have taken over and begun a later one.
      if (kill.aborted) await killAttempts(folder, { before: assignment.attempt + 1, socket: socket.path });
      await source.end();
      await socket.drain();
      if (kill.aborted) return ENDED;
      if (asked || talk.told === "pause") await own?.handIn(talk, exit.signal !== null);
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
      const { code, signal } = exit;
      if (asked || talk.told !== undefined || code === 0) return ENDED;
      if ((signal !== null || Number(code) > 128) && (await firesSoon(channel.interrupted))) return ENDED;
      const error = exitFailure(definition, program.env, logPath, exit);
      return { kind: "failed", error, output: tail.lines() };
    } finally {
      stopper.release();
      source.close();
      limit?.cancel();
      channel.interrupted.removeEventListener("abort", onInterrupt);
      kill.removeEventListener("abort", onKill);
    }
  }
}
