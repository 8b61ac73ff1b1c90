import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { CurvewiseError, messageOf } from "../core/errors.js";
import { type Failure, failureOf } from "../core/failure.js";
import type { Assignment, AttemptEnd, Launcher, TrialChannel } from "../core/launcher.js";
import { afterSeconds, type Deadline } from "../system/deadline.js";
import { stackLines } from "./inline.js";
import { openOutputLog } from "./output-log.js";
import { createOutputTail } from "./output-tail.js";
import { watchOutput } from "./program-output.js";
import { createRunningAttempts } from "./running-attempts.js";
import type { ThreadReply, ThreadRequest, ThreadStart } from "./thread-messages.js";
import { createTalk, type TrialTalk } from "./trial-talk.js";

/** Options of {@link threadLauncher}. */
export interface ThreadLauncherOptions {
  /**
   * The module whose default export trains a trial (a `Train` function): a file's URL or path. Write
   * `new URL("./train.js", import.meta.url)` for a file next to your own.
   */
  readonly module: URL | string;
  /** How many threads run at the same time. */
  readonly slots: number;
  /** The goal's metric: a number that the function returns is its only report, unless it has reported something. */
  readonly metric?: string;
}

const ENTRY = new URL("./thread-entry.js", import.meta.url);

/** Seconds that a thread has to clean up after its signal fires at a timeout or its function returns. */
const CLEAN_UP_SECONDS = 1;

type ThreadEnd =
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly error: Failure; readonly stack: readonly string[] };

async function answer(
  talk: TrialTalk,
  request: Extract<ThreadRequest, { readonly id: number }>,
): Promise<ThreadReply> {
  const { id } = request;
  try {
    if (request.kind === "report") {
      const { step, metrics, canExploit } = request;
      return { kind: "action", id, answer: await talk.report(step, metrics, canExploit) };
    }
    await talk.snapshot(request.step, request.path);
    return { kind: "saved", id };
  } catch (thrown) {
    return { kind: "refused", id, failure: failureOf(thrown, "REPORT_FAILED") };
  }
}

function send(worker: Worker, reply: ThreadReply): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the rule is about windows
  worker.postMessage(reply);
}

/** Resolves when the thread is gone. */
function superviseThread(worker: Worker, talk: TrialTalk): Promise<ThreadEnd> {
  return new Promise((resolve) => {
    let end: ThreadEnd | undefined;
    let leftovers: Deadline | undefined;
    const fail = (code: string, message: string, hint: string, stack: readonly string[]): void => {
      end ??= { kind: "failed", error: { code, message, hint }, stack };
    };
    worker.on("message", (request: ThreadRequest) => {
      // Leftovers of the function, such as a timer, must not keep the thread alive.
      if (request.kind === "ended" || request.kind === "failed") {
        leftovers ??= afterSeconds(CLEAN_UP_SECONDS, () => void worker.terminate());
      }
      if (request.kind === "ended") end ??= request;
      else if (request.kind === "failed") {
        fail(
          "FUNCTION_FAILED",
          `the training threw: ${request.message}`,
          "The stack is part of the failure.",
          request.output,
        );
      } else void answer(talk, request).then((reply) => send(worker, reply));
    });
    worker.on("error", (error) => {
      fail(
        "FUNCTION_FAILED",
        `the training's thread failed: ${messageOf(error)}`,
        "The stack is part of the failure.",
        stackLines(error),
      );
    });
    worker.on("exit", (code) => {
      leftovers?.cancel();
      fail(
        "FUNCTION_FAILED",
        `the training's thread ended with exit code ${code} before the training returned`,
        "Return from the function instead of calling process.exit, and await everything.",
        [],
      );
      if (end !== undefined) resolve(end);
    });
  });
}

async function runThread(
  { module, metric }: Pick<ThreadStart, "module" | "metric">,
  assignment: Assignment,
  channel: TrialChannel,
  kill: AbortSignal,
): Promise<AttemptEnd> {
  if (kill.aborted || channel.interrupted.aborted) return { kind: "ended" };
  const talk = createTalk(assignment, channel);
  const logPath = join(assignment.folder, `output-${assignment.attempt}.log`);
  const log = await openOutputLog(logPath, talk.note);
  const tail = createOutputTail();
  const workerData: ThreadStart = { module, metric, assignment };
  const worker = new Worker(ENTRY, { workerData, stdout: true, stderr: true });
  const outputs = [
    watchOutput("stdout", worker.stdout, { log, tail }),
    watchOutput("stderr", worker.stderr, { log, tail }),
  ];
  const terminate = (): void => void worker.terminate();
  let timedOut = false;
  let grace: Deadline | undefined;
  const { timeout } = assignment;
  const limit =
    timeout === undefined
      ? undefined
      : afterSeconds(timeout, () => {
          if (talk.told !== undefined) return;
          timedOut = true;
          send(worker, { kind: "abort" });
          grace = afterSeconds(CLEAN_UP_SECONDS, terminate);
        });
  kill.addEventListener("abort", terminate, { once: true });
  if (kill.aborted) terminate();
  try {
    const end = await superviseThread(worker, talk);
    await Promise.all(outputs.map((output) => output.finish()));
    if (kill.aborted) return { kind: "ended" };
    if (timedOut) {
      const error = {
        code: "TRIAL_TIMEOUT",
        message: `the attempt took longer than ${timeout} s`,
        hint: `Raise timeout, or make the training shorter. Its output is in ${logPath}.`,
      };
      return { kind: "failed", error, output: tail.lines() };
    }
    if (end.kind === "ended" || talk.told !== undefined) return { kind: "ended" };
    const output = [...tail.lines(), ...end.stack].slice(-100);
    return { kind: "failed", error: end.error, output };
  } finally {
    limit?.cancel();
    grace?.cancel();
    kill.removeEventListener("abort", terminate);
    await talk.close();
    await log.close();
  }
}

function moduleUrl(module: URL | string): string {
  const isUrl = module instanceof URL || /^[a-z]+:\/\//.test(module);
  const url = isUrl ? new URL(module) : pathToFileURL(module);
  if (url.protocol === "file:" && !existsSync(fileURLToPath(url))) {
    throw new CurvewiseError("MODULE_NOT_FOUND", `there is no module ${fileURLToPath(url)}`, {
      hint: 'Write new URL("./train.js", import.meta.url) for a file next to your own.',
    });
  }
  return url.href;
}

/**
 * Runs CPU-bound functions in threads of this process, one thread per attempt: a crash, `process.exit` or an
 * endless loop in one ends that attempt only. What they print goes to `output-<attempt>.log` in the trial's
 * folder.
 *
 * A `timeout` no longer counts once the training was told to pause or stop.
 *
 * @throws CurvewiseError `MODULE_NOT_FOUND`
 */
export function threadLauncher({ module, slots, metric }: ThreadLauncherOptions): Launcher {
  const training = { module: moduleUrl(module), metric };
  const running = createRunningAttempts();
  return {
    name: "thread",
    slots,
    run: (assignment, channel, _slot, kill) =>
      running.add(kill, (ended) => runThread(training, assignment, channel, ended)),
    close: () => running.close(),
  };
}
