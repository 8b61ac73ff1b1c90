import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Line } from "./line-splitter.js";
import type { MetricSource } from "./metric-source.js";
import type { OutputLog } from "./output-log.js";
import type { OutputTail } from "./output-tail.js";
import { killGroup } from "./process-group.js";
import { watchOutput } from "./program-output.js";
import { openTrialSocket, type SocketTalk, type TrialSocket } from "./trial-socket.js";

/** How a program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The attempt that a program serves: where its messages and its output go. */
export interface Attendant {
  readonly talk: SocketTalk;
  readonly log: OutputLog;
  readonly tail: OutputTail;
  readonly onLine: MetricSource["onLine"];
  /** It is about to be told over its socket to pause or to stop. */
  onTold(): void;
}

/** A program with its socket, over all attempts that it serves: see `program-attempt.ts`. */
export interface ProgramProcess {
  readonly socket: TrialSocket;
  /** The leader of its process group; 0 before its start. */
  readonly pid: number;
  /** Its environment; this process's before its start. */
  readonly env: NodeJS.ProcessEnv;
  /** Resolves when its first process has ended. */
  readonly exit: Promise<Exit>;
  /** Which attempt it serves from now on. */
  attend(attendant: Attendant): void;
  /**
   * Starts it, as the leader of its own process group; call it once, with somebody attending. Rejects if it cannot be
   * started, or if `onStart` throws.
   */
  start(command: ProgramCommand): Promise<void>;
  /** Once it has ended: kills what is left of its group, and takes the output and messages that are on their way. */
  finish(): Promise<void>;
}

/** What {@link ProgramProcess.start} runs. */
export interface ProgramCommand {
  readonly argv: readonly string[];
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onStart: (pid: number) => void;
}

async function started({ argv, folder, env, onStart }: ProgramCommand): Promise<ChildProcess> {
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

async function exitOf(child: ChildProcess): Promise<Exit> {
  const [code, signal]: readonly (number | string | null)[] = await once(child, "exit");
  return {
    code: typeof code === "number" ? code : null,
    signal: typeof signal === "string" ? signal : null,
  };
}

/** Opens the socket of a program that is still to be started. */
export async function openProgram(): Promise<ProgramProcess> {
  let attendant: Attendant | undefined;
  const present = (): Attendant => {
    if (attendant === undefined) throw new Error("nobody attends to the program");
    return attendant;
  };
  const socket = await openTrialSocket(
    {
      report: (...report) => present().talk.report(...report),
      snapshot: (...snapshot) => present().talk.snapshot(...snapshot),
      park: () => present().talk.park(),
      note: (note) => present().talk.note(note),
    },
    (answer) => {
      if ("action" in answer && (answer.action === "pause" || answer.action === "stop")) present().onTold();
    },
  );
  let pid = 0;
  let env = process.env;
  let outputs: readonly { finish(): Promise<void> }[] = [];
  let resolveExit = (_exit: Exit): void => {};
  const exit = new Promise<Exit>((resolve) => {
    resolveExit = resolve;
  });

  const start = async (command: ProgramCommand): Promise<void> => {
    const child = await started(command);
    const { stdout, stderr } = child;
    if (child.pid === undefined || stdout === null || stderr === null)
      throw new Error("it has no process id");
    ({ pid } = child);
    ({ env } = command);
    void exitOf(child).then(resolveExit);
    const log = { write: (chunk: Uint8Array) => present().log.write(chunk), close: async () => {} };
    const tail = {
      push: (stream: string, line: Line) => present().tail.push(stream, line),
      lines: () => present().tail.lines(),
    };
    outputs = (["stdout", "stderr"] as const).map((name) =>
      watchOutput(name, name === "stdout" ? stdout : stderr, {
        log,
        tail,
        onLine: async (line) => present().onLine[name]?.(line),
      }),
    );
  };

  return {
    socket,
    get pid() {
      return pid;
    },
    get env() {
      return env;
    },
    exit,
    attend: (next) => {
      attendant = next;
    },
    start,
    finish: async () => {
      if (pid !== 0) await killGroup(pid);
      await Promise.all(outputs.map((output) => output.finish()));
    },
  };
}
