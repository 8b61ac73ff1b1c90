import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "./support/command-line.js";
import { runProgram } from "./support/run-program.js";

/** Runs a small bench; returns the parsed last line. */
async function bench(folder: string, name: string, ...words: readonly string[]): Promise<unknown> {
  const file = resolve(import.meta.dirname, `../bench/${name}.mjs`);
  const env = { BENCH_RESULTS: join(folder, "results") };
  const stdout = await runProgram(process.execPath, [file, ...words, "--json"], { cwd: folder, env });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

describe("a bench", () => {
  it("replays recorded curves under every scheduler that can be replayed", async () => {
    const folder = temporaryFolder();
    const curves = Array.from({ length: 12 }, (_, index) => ({
      config: { lr: 10 ** (-index / 4), width: 2 ** (index % 5) },
      loss: Array.from({ length: 9 }, (__, step) => 1 / (1 + index) + 1 / (step + 1)),
    }));
    mkdirSync(join(folder, "made", "up"), { recursive: true });
    writeFileSync(
      join(folder, "made", "up", "task.json"),
      JSON.stringify({ task: "made-up", metric: "loss", direction: "minimize", unit: "epoch", curves }),
    );
    const result = z
      .object({ tasks: z.array(z.object({ rules: z.array(z.object({ label: z.string() })) })) })
      .parse(
        await bench(folder, "curves", "--folder", join(folder, "made"), "--seeds", "1", "--budgets", "2,4"),
      );
    const labels = result.tasks.flatMap(({ rules }) => rules.map(({ label }) => label));
    expect(labels).toContain("lcm + curve");
    expect(labels).toContain("asha {eta: 4} + random");
    expect(labels.some((label) => label.startsWith("pbt"))).toBe(false);
  });

  it("times the decisions of Learning Curve Matching", async () => {
    const shape = z.object({
      cases: z.array(
        z.strictObject({
          curves: z.number(),
          points: z.literal(100),
          decisionMs: z.number().positive(),
          scanMs: z.number().nonnegative(),
          ratio: z.number().positive().nullable(),
        }),
      ),
    });
    const { cases } = shape.parse(await bench(temporaryFolder(), "decision", "200", "400"));
    expect(cases.map(({ curves }) => curves)).toEqual([200, 400]);
  });

  it.runIf(process.platform === "linux")(
    "finds no process of a killed coordinator's program beside the next one",
    async () => {
      const shape = z.object({ kills: z.literal(3), looked: z.number().positive(), alive: z.literal(0) });
      expect(
        shape.safeParse(await bench(temporaryFolder(), "orphans", "--kills", "3")).error,
      ).toBeUndefined();
    },
  );
});
