import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/** A program that speaks the trial protocol as it is told. */
export interface Driver {
  readonly child: ChildProcess;
  /** Gives a command, and resolves to the line that comes of it. */
  tell(...fields: readonly string[]): Promise<string>;
  /** Ends the commands, and resolves to how the program ended. */
  end(): Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>;
}

/** Starts one. @param socket undefined: the program is run by hand */
export function startDriver(
  [file, ...args]: readonly [string, ...string[]],
  socket: string | undefined,
  env: Readonly<Record<string, string>> = {},
): Driver {
  const child = spawn(file, args, {
    env: { ...process.env, ...(socket === undefined ? {} : { CURVEWISE_SOCKET: socket }), ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<readonly [number | null, NodeJS.Signals | null]>((done) => {
    child.once("close", (code, signal) => done([code, signal]));
  });
  return {
    child,
    tell: async (...fields) => {
      child.stdin.write(`${fields.join("\t")}\n`);
      const line = await lines.next();
      return line.done === true ? "it ended" : line.value;
    },
    end: () => {
      child.stdin.end();
      return ended;
    },
  };
}
