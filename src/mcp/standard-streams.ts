import { EventEmitter, once } from "node:events";
import { Readable, type Writable } from "node:stream";
import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  parseJSONRPCMessage,
  STDIO_DEFAULT_MAX_BUFFER_SIZE,
} from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

/** The calls that have no answer yet. */
interface Calls {
  note(message: JSONRPCMessage): void;
  settle(id: unknown): void;
  /** No other answer will come. */
  giveUp(): void;
  /** Resolves once none is left. */
  settled(): Promise<void>;
}

/** Stays open for as long as the connection does: nothing answers it before that ends. */
const SUBSCRIPTION = "subscriptions/listen";
const cancellation = z.object({ requestId: z.union([z.string(), z.number()]) });

function createCalls(): Calls {
  const open = new Set<unknown>();
  const changes = new EventEmitter();
  const settle = (id: unknown): void => {
    open.delete(id);
    if (open.size === 0) changes.emit("settled");
  };
  return {
    note: (message) => {
      if (isJSONRPCRequest(message)) {
        if (message.method !== SUBSCRIPTION) open.add(message.id);
      } else if (isJSONRPCNotification(message) && message.method === "notifications/cancelled") {
        // What was cancelled is not answered.
        settle(cancellation.safeParse(message.params).data?.requestId);
      }
    },
    settle,
    giveUp: () => {
      open.clear();
      changes.emit("settled");
    },
    settled: async () => {
      if (open.size > 0) await once(changes, "settled");
    },
  };
}

/** The lines of a stream, the last one even if nothing ends it. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of stream.setEncoding("utf8")) {
    const [first = "", ...others] = String(chunk).split("\n");
    parts.push(first);
    length += first.length;
    if (length > STDIO_DEFAULT_MAX_BUFFER_SIZE) throw new Error("a line of the input is too long");
    for (const other of others) {
      yield parts.join("");
      parts = [other];
      length = other.length;
    }
  }
  yield parts.join("");
}

type Read = { readonly message: JSONRPCMessage } | { readonly problem: string };

function read(line: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: "is not JSON" };
  }
  try {
    return { message: parseJSONRPCMessage(value) };
  } catch {
    return { problem: "is not a message of JSON-RPC 2.0" };
  }
}

/** The standard streams as a server uses them. */
export interface StandardStreams {
  readonly transport: StdioServerTransport;
  /** Resolves once the input has ended and all that was asked is answered. */
  readonly ended: Promise<void>;
  /** Stops reading. */
  close(): void;
}

/**
 * The library closes with its input and drops the calls that are not answered by then. Here the end of the input reaches
 * it only after the last answer, and lines that it would skip without a word are told.
 *
 * @param tell takes a sentence about a line that is not answered
 */
export function openStandardStreams(
  stdin: Readable,
  stdout: Writable,
  tell: (sentence: string) => void,
): StandardStreams {
  const calls = createCalls();
  const messages = async function* (): AsyncGenerator<Buffer> {
    let number = 0;
    for await (const line of linesOf(stdin)) {
      number++;
      if (line.trim() === "") continue;
      const found = read(line);
      if ("problem" in found) {
        tell(`line ${number} of the input ${found.problem}, and is not answered`);
        continue;
      }
      calls.note(found.message);
      yield Buffer.from(`${line}\n`);
    }
    await calls.settled();
  };
  const input = Readable.from(messages());
  const ended = new Promise<void>((resolve) => {
    // What goes wrong with the input ends it; the library tells it while it listens.
    input.once("close", resolve).on("error", () => {});
  });
  class Answering extends StdioServerTransport {
    override async send(message: JSONRPCMessage): Promise<void> {
      try {
        await super.send(message);
      } finally {
        if (!("method" in message)) calls.settle(message.id);
      }
    }

    override async close(): Promise<void> {
      calls.giveUp();
      await super.close();
    }
  }
  return {
    // Lines are limited above.
    transport: new Answering(input, stdout, { maxBufferSize: Number.POSITIVE_INFINITY }),
    ended,
    close: () => {
      input.destroy();
      stdin.destroy();
    },
  };
}
