import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createStudy, float, lcm, random } from "../src/api/index.js";
import { curvewise } from "./support/command-in-process.js";

const MAX_STEPS = 9;
let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-forecasts-"));
  const study = createStudy({
    name: "forecast",
    storage: join(folder, "curvewise.db"),
    goal: { minimize: "loss" },
    space: { level: float(0, 1), bend: float(0, 1) },
    maxSteps: MAX_STEPS,
    sampler: random(),
    scheduler: lcm(),
    seed: 4,
  });
  await study.run(
    async ({ params: { level, bend }, report }) => {
      for (let step = 1; step <= MAX_STEPS; step++) {
        // Some curves fall late, which no forecast can know.
        const fall = bend < 0.3 && step > 5 ? 0.3 : 0;
        if ((await report(step, { loss: 1 + level + bend / step - fall })) !== "continue") return;
      }
    },
    { trials: 120 },
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function json<Schema extends z.ZodType>(
  schema: Schema,
  ...args: readonly string[]
): Promise<z.output<Schema>> {
  const { stdout, stderr, code } = await curvewise(folder, ...args, "--json");
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  return schema.parse(JSON.parse(stdout));
}

/** From what `explain` says about each complete trial: for each forecast with an interval, whether it held. */
async function holds(): Promise<boolean[]> {
  const { trials } = await json(
    z.object({ trials: z.array(z.object({ number: z.number(), state: z.string(), value: z.number() })) }),
    "trials",
  );
  const found: boolean[] = [];
  for (const { number, value } of trials.filter(({ state }) => state === "complete")) {
    const { decisions } = await json(
      z.object({
        decisions: z.array(z.object({ step: z.number(), values: z.record(z.string(), z.number()) })),
      }),
      "explain",
      String(number),
    );
    const atSteps = new Map(
      decisions.toReversed().map(({ step, values: { low, high } }) => [step, { low, high }]),
    );
    for (const { low, high } of atSteps.values())
      if (low !== undefined && high !== undefined) found.push(low <= value && value <= high);
  }
  return found;
}

describe("status: forecasts", () => {
  it("says how often intervals held, as explain has them", async () => {
    const each = await holds();
    const held = each.filter(Boolean).length;
    expect(each.length).toBeGreaterThan(5);
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(each.length);
    const { stdout } = await curvewise(folder, "status");
    expect(stdout).toMatch(
      new RegExp(`^forecasts\\s+80 % intervals held in ${held} of ${each.length} cases$`, "m"),
    );
    const { studies } = await json(
      z.object({ studies: z.array(z.object({ forecasts: z.unknown() })) }),
      "status",
    );
    expect(studies).toEqual([{ forecasts: { interval: 0.8, forecasts: each.length, held } }]);
  });
});
