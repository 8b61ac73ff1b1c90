import { rm, rmdir } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { failureOf } from "../core/failure.js";
import { nothingElse } from "../core/fields.js";
import { makeTemporaryFolder } from "../system/temporary-folder.js";
import { createLineSplitter, type Line } from "./line-splitter.js";
import { decodeMetrics } from "./metric-values.js";
import { type Answer, MAX_LINE, parseMessage } from "./trial-messages.js";
import type { TrialTalk } from "./trial-talk.js";

/** The prefix of the names of folders for sockets. */
const SOCKET_FOLDER = "curvewise-";
/** The most bytes of a socket's path, including the final zero, on the system that allows least (macOS). */
const LONGEST_PATH = 104;
/** How long {@link TrialSocket.drain} waits for a silent connection. */
const IDLE_MILLISECONDS = 1000;

/** Whom a program talks to. */
export interface SocketTalk extends Pick<TrialTalk, "report" | "snapshot" | "note"> {
  /** Waits until a program that was told to pause may go on: the attempt as which it does; undefined: it is to end. */
  park(): Promise<number | undefined>;
}

/** The server end of one program's Unix socket. */
export interface TrialSocket {
  readonly path: string;
  /** The folder created for it, to be removed if this process dies. */
  readonly folder: string;
  /** Whether the program ever connected. */
  readonly used: boolean;
  /** Answers what the ended program had sent, then closes and removes the folder. May be called again. */
  drain(): Promise<void>;
}

/** The path of the socket in a folder that was created for it. */
export const socketIn = (folder: string): string => join(folder, "s");

/** Removes a socket and its folder, and nothing else: the folder stays if it contains anything more. */
export async function removeSocket(folder: string): Promise<void> {
  await rm(socketIn(folder), { force: true });
  await rmdir(folder).catch(() => {});
}

function makeFolder(): string {
  const fits = (path: string): boolean => Buffer.byteLength(path) + "XXXXXX/s".length < LONGEST_PATH;
  return makeTemporaryFolder(SOCKET_FOLDER, fits);
}

/** Sends, and waits if the program reads too slowly. */
async function send(socket: Socket, text: string): Promise<void> {
  if (!socket.writable || socket.write(text)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off("drain", done).off("close", done);
      resolve();
    };
    socket.on("drain", done).on("close", done);
  });
}

/**
 * Opens the Unix socket of one program, in its own folder that only this user can enter.
 *
 * @param onAnswer called with each answer before it is sent
 */
export async function openTrialSocket(
  talk: SocketTalk,
  onAnswer: (answer: Answer) => void,
): Promise<TrialSocket> {
  const folder = makeFolder();
  const path = socketIn(folder);
  const connections = new Map<Socket, Promise<void>>();
  let used = false;
  let activity = 0;
  let answering = 0;

  const answer = async (line: Line): Promise<Answer> => {
    try {
      if (line.cut) {
        return refuse({
          code: "LINE_TOO_LONG",
          message: `the program sent a line of more than ${MAX_LINE} bytes`,
          hint: "Send metrics, not data: save data to a file below CURVEWISE_DIR.",
        });
      }
      const message = parseMessage(line.text);
      if ("report" in message) {
        const { step, metrics, exploit } = message.report;
        const told = await talk.report(step, decodeMetrics(metrics), exploit);
        if (typeof told === "string") return { action: told };
        const { action, params, resume, ...others } = told;
        const { path, step: last, ...unknown } = resume;
        nothingElse({ ...others, ...unknown });
        return { action, resume: path, step: last, params: { ...params } };
      }
      if ("park" in message) {
        const attempt = await talk.park();
        return attempt === undefined ? { action: "stop" } : { action: "continue", attempt };
      }
      await talk.snapshot(message.snapshot.step, message.snapshot.path);
      return { ok: true };
    } catch (thrown) {
      return refuse(failureOf(thrown, "REPORT_FAILED"));
    }
  };
  const refuse = (failure: { code: string; message: string; hint?: string }): Answer => {
    talk.note(failure);
    return { error: failure };
  };

  const serve = async (socket: Socket): Promise<void> => {
    const splitter = createLineSplitter({ limit: MAX_LINE, returns: false });
    try {
      for await (const chunk of socket) {
        for (const line of splitter.push(chunk)) {
          activity += 1;
          if (line.text.trim() === "" && !line.cut) continue;
          answering += 1;
          const reply = await answer(line).finally(() => {
            answering -= 1;
          });
          onAnswer(reply);
          await send(socket, `${JSON.stringify(reply)}\n`);
        }
      }
      if (splitter.end().length > 0) {
        talk.note({
          code: "MESSAGE_INCOMPLETE",
          message: "the program closed its connection in the middle of a line; that line was dropped",
          hint: "End every message with a newline.",
        });
      }
      socket.end();
    } catch {
      // The program is gone or cut the connection; its exit says why.
    } finally {
      socket.destroy();
    }
  };

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    used = true;
    // Without a listener, an error between two reads would end this whole process.
    socket.on("error", () => {});
    connections.set(
      socket,
      serve(socket).finally(() => connections.delete(socket)),
    );
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
  } catch (thrown) {
    await removeSocket(folder);
    throw thrown;
  }
  server.on("error", () => {});

  let drained: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    // The program may have connected, sent and ended, all since this process last looked.
    await setImmediate();
    await setImmediate();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    let seen = activity;
    const watch = setInterval(() => {
      if (answering === 0 && seen === activity) for (const socket of connections.keys()) socket.destroy();
      seen = activity;
    }, IDLE_MILLISECONDS);
    await Promise.all(connections.values());
    clearInterval(watch);
    await closed;
    await removeSocket(folder);
  };

  return {
    path,
    folder,
    get used() {
      return used;
    },
    drain: () => {
      drained ??= drain();
      return drained;
    },
  };
}
