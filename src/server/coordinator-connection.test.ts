import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { z } from "zod";
import { openConnection } from "./coordinator-connection.js";
import { frameText } from "./frame-text.js";
import { type CoordinatorMessage, workerMessageSchema } from "./messages.js";

const LEASE = 0.4;
const address = z.object({ port: z.number() });

it("sends heartbeats when it has nothing else to say, and only then", async () => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const { port } = address.parse(server.address());
  /** When each other message was said. */
  const said = [performance.now()];
  let heard = 0;
  /**
   * Milliseconds without another message before each heartbeat. They count from the message that arrived before it: on a
   * busy machine, one that was said after it may be on its way already.
   */
  const silences: number[] = [];
  server.on("connection", (socket) => {
    const answer = (message: CoordinatorMessage): void => socket.send(JSON.stringify(message));
    socket.on("message", (data) => {
      const { id, type } = workerMessageSchema.parse(JSON.parse(frameText(data)));
      if (type === "heartbeat") silences.push(performance.now() - (said[heard] ?? 0));
      if (type === "leave") heard += 1;
      if (type !== "hello") answer({ to: id, type: "ok" });
      else
        answer({
          to: id,
          type: "welcome",
          coordinator: "c",
          study: "s",
          lease: LEASE,
          folder: "/s",
          over: [],
        });
    });
  });
  const connection = openConnection({
    locate: async () => ({ url: `http://127.0.0.1:${port}`, token: "t" }),
    greeting: () => ({ worker: "w", host: "h", pid: 1, slots: 1, gpus: [], labels: {}, attempts: [] }),
    onWelcome: async () => {},
    onOrder: () => {},
    reconnectFor: 10,
    log: () => {},
  });
  onTestFinished(() => {
    connection.close();
    server.close();
  });
  for (let word = 0; word < 100; word++) {
    said.push(performance.now());
    await connection.request({ type: "leave", reason: "not yet" });
    await sleep(5);
  }
  const early = silences.length;
  while (silences.length < early + 3) await sleep(10);
  for (const silence of silences) expect(silence).toBeGreaterThanOrEqual((LEASE * 1000) / 4);
});
