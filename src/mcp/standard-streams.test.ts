import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { expect, it } from "vitest";
import { openStandardStreams } from "./standard-streams.js";

const lineOf = (message: object): string => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`;

/** Streams whose server is a test. */
async function started() {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const told: string[] = [];
  const streams = openStandardStreams(stdin, stdout, (sentence) => told.push(sentence));
  const came: JSONRPCMessage[] = [];
  streams.transport.onmessage = (message) => came.push(message);
  let closed = false;
  streams.transport.onclose = () => {
    closed = true;
  };
  await streams.transport.start();
  const arrived = async (count: number): Promise<void> => {
    while (came.length < count) await new Promise(setImmediate);
  };
  return { ...streams, stdin, stdout, told, came, arrived, isClosed: () => closed };
}

/** Long enough for messages that need no answer. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
}

it("stays open after its input has ended until each call has its answer", async () => {
  const { transport, stdin, stdout, ended, arrived, isClosed } = await started();
  stdin.end(lineOf({ id: 1, method: "a" }) + lineOf({ method: "seen" }) + lineOf({ id: "x", method: "b" }));
  await arrived(3);
  await transport.send({ jsonrpc: "2.0", id: "x", result: {} });
  await turns();
  expect(isClosed()).toBe(false);
  await transport.send({ jsonrpc: "2.0", id: 1, error: { code: -1, message: "no" } });
  await ended;
  expect(isClosed()).toBe(true);
  stdout.end();
  expect((await text(stdout)).trimEnd().split("\n")).toHaveLength(2);
});

it("waits neither for calls that were cancelled, nor for subscriptions", async () => {
  const { stdin, ended, came } = await started();
  stdin.write(lineOf({ id: 1, method: "a" }) + lineOf({ id: 2, method: "subscriptions/listen" }));
  stdin.end(lineOf({ method: "notifications/cancelled", params: { requestId: 1 } }));
  await ended;
  expect(came).toHaveLength(3);
});

it("puts lines together, skips those that it cannot read, and needs no end of the last one", async () => {
  const { stdin, came, told, arrived, close } = await started();
  const whole = Buffer.from(lineOf({ method: "漢字\u2028" }));
  for (const byte of whole) stdin.write(Buffer.of(byte));
  stdin.write("\r\n{\n[]\n");
  stdin.end(lineOf({ method: "last" }).trimEnd());
  await arrived(2);
  expect(came).toEqual([
    { jsonrpc: "2.0", method: "漢字\u2028" },
    { jsonrpc: "2.0", method: "last" },
  ]);
  expect(told).toEqual([
    "line 3 of the input is not JSON, and is not answered",
    "line 4 of the input is not a message of JSON-RPC 2.0, and is not answered",
  ]);
  close();
});

it("ends when its input fails, and tells why", async () => {
  const { transport, stdin, ended } = await started();
  const errors: string[] = [];
  transport.onerror = (error) => errors.push(error.message);
  stdin.destroy(new Error("the pipe broke"));
  await ended;
  expect(errors).toEqual(["the pipe broke"]);
});

it("closes while a call waits", async () => {
  const { transport, stdin, ended, arrived, close } = await started();
  stdin.write(lineOf({ id: 1, method: "a" }));
  await arrived(1);
  await transport.close();
  close();
  await ended;
  expect(stdin.destroyed).toBe(true);
});
