import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { type ConnectionOptions, openConnection } from "../coordinator-connection.js";
import { frameText } from "../frame-text.js";
import { type CoordinatorMessage, type WorkerMessage, workerMessageSchema } from "../messages.js";

const address = z.object({ port: z.number() });

/** What a coordinator does with the messages of a connection; `count`: which connection it is, from 1. */
type Behave = (
  message: WorkerMessage,
  answer: (message: CoordinatorMessage) => void,
  socket: WebSocket,
  count: number,
) => void;

const welcomeTo = ({ id: to }: WorkerMessage, lease: number): CoordinatorMessage => ({
  to,
  type: "welcome",
  coordinator: "c",
  study: "s",
  lease,
  folder: "/s",
  over: [],
});

/** A coordinator that behaves as it is told, and a worker's connection to it. */
async function connectTo(
  behave: Behave,
  options: Partial<ConnectionOptions> = {},
  located: Promise<void> = Promise.resolve(),
) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const { port } = address.parse(server.address());
  const said: string[] = [];
  let count = 0;
  server.on("connection", (socket) => {
    count += 1;
    const own = count;
    socket.on("message", (data) => {
      const message = workerMessageSchema.parse(JSON.parse(frameText(data)));
      said.push(`${own}: ${message.type}`);
      behave(message, (answer) => socket.send(JSON.stringify(answer)), socket, own);
    });
  });
  const log: string[] = [];
  const connection = openConnection({
    locate: async () => {
      await located;
      return { url: `http://127.0.0.1:${port}`, token: "t" };
    },
    greeting: () => ({ worker: "w", host: "h", pid: 1, slots: 1, gpus: [], labels: {}, attempts: [] }),
    onWelcome: async () => {},
    onOrder: () => {},
    reconnectFor: 10,
    log: (message) => log.push(message),
    ...options,
  });
  onTestFinished(() => {
    connection.close();
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return { connection, said, log, connections: () => count };
}

/** A promise that is kept when it is told to be. */
function held(): { readonly promise: Promise<void>; readonly keep: () => void } {
  let keep = (): void => {};
  const promise = new Promise<void>((resolve) => {
    keep = resolve;
  });
  return { promise, keep };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}

it("sends again what had no answer when the connection was lost, and lets a late answer to it be", async () => {
  const { connection, said } = await connectTo((message, answer, socket, count) => {
    if (message.type === "hello") answer(welcomeTo(message, 30));
    else if (count === 1) socket.terminate();
    else {
      answer({ to: message.id, type: "ok" });
      answer({ to: message.id, type: "ok" });
    }
  });
  const replies = await Promise.all([
    connection.request({ type: "leave", reason: "one" }),
    connection.request({ type: "leave", reason: "two" }),
  ]);
  expect(replies).toEqual([{ type: "ok" }, { type: "ok" }]);
  expect(said.slice(-3)).toEqual(["2: hello", "2: leave", "2: leave"]);
});

it("is not connected where the connection was lost before the worker was ready for it", async () => {
  const ready = held();
  const welcomes: number[] = [];
  const { connection, said, log } = await connectTo(
    (message, answer, socket, count) => {
      if (message.type === "hello" && count === 1) {
        answer(welcomeTo(message, 0.2));
        socket.close(1001);
      }
      // The second one never says welcome.
    },
    {
      onWelcome: async () => {
        welcomes.push(1);
        await ready.promise;
      },
    },
  );
  void connection.request({ type: "leave", reason: "not yet" }).catch(() => {});
  await until(() => said.includes("2: hello"));
  expect(welcomes).toHaveLength(1);
  ready.keep();
  // Longer than the lease: a watch over the first connection would have ended by then.
  await sleep(500);
  expect(connection.connected).toBe(false);
  expect(said).toEqual(["1: hello", "2: hello"]);
  expect(log.filter((line) => line.includes("nothing is heard"))).toEqual([]);
});

it("goes on where the worker was ready, or could not be, while the next connection is waited for", async () => {
  for (const hasFailed of [false, true]) {
    const ready = held();
    const log: string[] = [];
    let welcomes = 0;
    const { connection } = await connectTo(
      (message, answer, socket, count) => {
        if (message.type !== "hello") answer({ to: message.id, type: "ok" });
        else answer(welcomeTo(message, 30));
        if (count === 1) socket.close(1001);
      },
      {
        onWelcome: async () => {
          welcomes += 1;
          if (welcomes > 1) return;
          await ready.promise;
          if (hasFailed) throw new Error("the folder is gone");
        },
        // It is told as soon as the connection is lost.
        log: (message) => {
          log.push(message);
          ready.keep();
        },
      },
    );
    expect(await connection.request({ type: "leave", reason: "now" })).toEqual({ type: "ok" });
    expect(log).toHaveLength(1);
    expect(welcomes).toBe(2);
  }
});

it("opens nothing any more once it was closed while its coordinator was looked for", async () => {
  const located = held();
  const { connection, connections } = await connectTo(() => {}, {}, located.promise);
  const awaited = connection.request({ type: "leave", reason: "awaited" });
  connection.close();
  await expect(awaited).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  await expect(connection.request({ type: "leave", reason: "late" })).rejects.toMatchObject({
    code: "CONNECTION_CLOSED",
  });
  located.keep();
  await sleep(100);
  expect(connections()).toBe(0);
});
