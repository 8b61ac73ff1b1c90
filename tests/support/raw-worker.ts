import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import { PROTOCOL } from "../../src/server/messages.js";

const anyMessage = z.looseObject({ type: z.string(), to: z.number().optional() });
type AnyMessage = z.output<typeof anyMessage>;

/** A connection on which a test can send anything. */
export interface RawWorker {
  readonly socket: WebSocket;
  readonly received: readonly AnyMessage[];
  /** The close code of the connection. */
  readonly closed: Promise<number>;
  /** Sends a message with a new id; resolves to its answer. */
  ask(message: object): Promise<AnyMessage>;
  /** Sends a hello with some fields changed. */
  hello(changes?: object): Promise<AnyMessage>;
}

/** Connects to a study's server. */
export async function rawWorker(url: string, token: string): Promise<RawWorker> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/worker`, {
    headers: { authorization: `Bearer ${token}` },
  });
  onTestFinished(() => socket.terminate());
  const received: AnyMessage[] = [];
  const waiting = new Map<number, (message: AnyMessage) => void>();
  socket.on("message", (data) => {
    const message = anyMessage.parse(JSON.parse(z.instanceof(Buffer).parse(data).toString("utf8")));
    received.push(message);
    waiting.get(message.to ?? 0)?.(message);
  });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => {});
  let id = 0;
  const ask = (message: object): Promise<AnyMessage> => {
    id += 1;
    const own = id;
    const answer = new Promise<AnyMessage>((resolve) => waiting.set(own, resolve));
    socket.send(JSON.stringify({ id, ...message }));
    return answer;
  };
  const hello = (changes: object = {}): Promise<AnyMessage> =>
    ask({
      type: "hello",
      protocol: PROTOCOL,
      worker: "raw",
      host: "here",
      pid: 1,
      slots: 2,
      gpus: [],
      labels: {},
      attempts: [],
      ...changes,
    });
  return { socket, received, closed, ask, hello };
}
