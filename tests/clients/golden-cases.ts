import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";

const FOLDER = resolve(import.meta.dirname, "../../protocol/cases");

const metric = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]);
const exchange = z.object({
  send: z.object({
    report: z
      .object({ step: z.int(), metrics: z.record(z.string(), metric), exploit: z.boolean().optional() })
      .optional(),
    snapshot: z.object({ step: z.int(), path: z.string() }).optional(),
  }),
  receive: z.object({
    action: z.string().optional(),
    resume: z.string().optional(),
    step: z.int().optional(),
    params: z.record(z.string(), z.unknown()).optional(),
    ok: z.boolean().optional(),
    error: z.object({ code: z.string() }).optional(),
  }),
});
/** A message that a client sends, and what it gets. */
export type Exchange = z.output<typeof exchange>;

/** A golden case, as far as a client can send its messages: lines that are not messages are for servers alone. */
export interface GoldenCase {
  readonly name: string;
  readonly exchanges: readonly Exchange[];
}

/** The golden cases of the trial protocol. */
export function goldenCases(): GoldenCase[] {
  const shape = z.object({ name: z.string(), exchanges: z.array(z.unknown()) });
  return readdirSync(FOLDER)
    .map((file) => shape.parse(JSON.parse(readFileSync(join(FOLDER, file), "utf8"))))
    .map(({ name, exchanges }) => ({
      name,
      exchanges: exchanges.flatMap((each) => {
        const { data } = exchange.safeParse(each);
        return data === undefined || Object.keys(data.send).length !== 1 ? [] : [data];
      }),
    }))
    .filter(({ exchanges }) => exchanges.length > 0);
}
