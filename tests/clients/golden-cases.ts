import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { z } from "zod";
import type { Driver } from "./driver.js";
import { startServer } from "./trial-server.js";

const FOLDER = resolve(import.meta.dirname, "../../protocol/cases");

const metric = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]);
const exchange = z.object({
  send: z.object({
    report: z
      .object({ step: z.int(), metrics: z.record(z.string(), metric), exploit: z.boolean().optional() })
      .optional(),
    snapshot: z.object({ step: z.int(), path: z.string() }).optional(),
    park: z.object({}).optional(),
  }),
  receive: z.object({
    action: z.string().optional(),
    attempt: z.int().optional(),
    resume: z.string().optional(),
    step: z.int().optional(),
    params: z.record(z.string(), z.unknown()).optional(),
    ok: z.boolean().optional(),
    error: z.object({ code: z.string() }).optional(),
  }),
});
/** A message that a client sends, and what it gets. */
type Exchange = z.output<typeof exchange>;

/** A golden case, as far as a client can send its messages: lines that are not messages are for servers alone. */
export interface GoldenCase {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  readonly exchanges: readonly Exchange[];
}

/** The golden cases of the trial protocol. */
export function goldenCases(): GoldenCase[] {
  const shape = z.object({ name: z.string(), description: z.string(), exchanges: z.array(z.unknown()) });
  return readdirSync(FOLDER)
    .map((file) => shape.parse(JSON.parse(readFileSync(join(FOLDER, file), "utf8"))))
    .map(({ name, description, exchanges }) => ({
      name,
      description,
      exchanges: exchanges.flatMap((each) => {
        const { data } = exchange.safeParse(each);
        return data === undefined || Object.keys(data.send).length !== 1 ? [] : [data];
      }),
    }))
    .filter(({ exchanges }) => exchanges.length > 0);
}

const commandOf = ({ send }: Exchange): readonly string[] => {
  if (send.park !== undefined) return ["park"];
  if (send.snapshot !== undefined) return ["snapshot", String(send.snapshot.step), send.snapshot.path];
  const { step = 0, metrics = {}, exploit = false } = send.report ?? {};
  const pairs = Object.entries(metrics).map(([name, value]) => `${name}=${value}`);
  return [exploit ? "exploit" : "report", String(step), ...pairs];
};
const outcomeOf = ({ receive }: Exchange): string =>
  receive.error === undefined ? (receive.action ?? "ok") : `error ${receive.error.code}`;

/** Has a driver send a case's messages to a server that answers as the case says, and compares what both have got. */
export async function speaks(
  exchanges: readonly Exchange[],
  startDriver: (socket: string) => Driver,
): Promise<void> {
  let turn = 0;
  const { path, received } = await startServer(() => {
    const receive = exchanges[turn++]?.receive;
    const error = receive?.error;
    return error === undefined ? receive : { error: { message: "no", hint: "yes", ...error } };
  });
  const driver = startDriver(path);
  const sent: Exchange["send"][] = [];
  for (const exchange of exchanges) {
    expect(await driver.tell(...commandOf(exchange))).toBe(outcomeOf(exchange));
    // What a client refuses by itself, as Curvewise would, it need not send.
    if (received.length === sent.length && exchange.receive.error !== undefined) turn += 1;
    else sent.push(exchange.send);
    if (exchange.receive.action !== "exploit") continue;
    expect(JSON.parse(await driver.tell("params"))).toEqual(exchange.receive.params);
    expect(await driver.tell("resume")).toBe(`${exchange.receive.resume}\t${exchange.receive.step}`);
  }
  expect(received).toEqual(sent);
  expect(await driver.end()).toEqual([0, null]);
}
