import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../support/command-line.js";

/** A worker's end of a trial's socket, which answers as the test says. */
export interface Server {
  readonly path: string;
  readonly received: unknown[];
}

/** Starts one. @param answer gets each message; undefined closes the connection */
export function startServer(
  answer: (message: unknown) => unknown,
  folder = temporaryFolder(),
): Promise<Server> {
  const path = join(folder, "s");
  const received: unknown[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    createInterface({ input: socket }).on("line", (line) => {
      const message: unknown = JSON.parse(line);
      received.push(message);
      const answered = answer(message);
      if (answered === undefined) socket.destroy();
      else socket.write(`${JSON.stringify(answered)}\n`);
    });
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((done) => {
    // A longer path than a socket's address holds is reached by a relative one.
    const before = process.cwd();
    process.chdir(folder);
    server.listen("s", () => done({ path, received }));
    process.chdir(before);
  });
}
