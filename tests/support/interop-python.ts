import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { startCommand } from "./command-line.js";
import { testEnd } from "./test-end.js";

/** The Python in which the other tools are installed; `scripts/test-interop.sh` says which. */
export function interopPython(): string {
  const python = process.env["INTEROP_PYTHON"];
  if (python === undefined) throw new Error("start these tests with npm run test:interop");
  return python;
}

/** Runs a Python program in a folder to its end. @returns what it printed */
export async function python(folder: string, program: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await startCommand([interopPython(), program, ...args], { folder }).result;
  expect({ stderr, code }).toEqual({ stderr, code: 0 });
  return stdout;
}

/** Waits until a condition holds; only the end of the test ends the wait. */
export async function until(holds: () => boolean): Promise<void> {
  const over = testEnd();
  while (!holds()) {
    if (over.aborted) throw new Error("the test is over");
    await sleep(50);
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

/** A server of another tool. */
export interface OtherServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** How a server is started. */
export interface ServerOptions {
  /** What is asked for to see whether it answers. */
  readonly path?: string;
  /** Any free one by default. */
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Starts a server, and waits until it answers.
 *
 * @param module what `python -m` is given, with its arguments; `PORT` in them becomes the port
 */
export async function startServer(
  folder: string,
  module: readonly string[],
  { path = "/", port, environment = {} }: ServerOptions = {},
): Promise<OtherServer> {
  const place = port ?? (await freePort());
  const words = module.map((word) => word.replaceAll("PORT", String(place)));
  // Servers start processes of their own, which would outlive them: all of the group is ended.
  const child = spawn(interopPython(), words, {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  let hasEnded = false;
  const ended = new Promise<void>((done) => {
    child.once("close", () => {
      hasEnded = true;
      done();
    });
  });
  const stop = async (): Promise<void> => {
    if (!hasEnded && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    await ended;
  };
  onTestFinished(stop);
  const over = testEnd();
  const url = `http://127.0.0.1:${place}`;
  while (!over.aborted) {
    if (hasEnded) throw new Error(`${words.join(" ")} ended: ${stderr}`);
    const answer = await fetch(`${url}${path}`).catch(() => undefined);
    if (answer?.ok === true) break;
    await sleep(50);
  }
  return { url, stop };
}
