import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { temporaryFolder } from "./support/command-line.js";
import { runProgram } from "./support/run-program.js";

const root = resolve(import.meta.dirname, "..");
const searched = z.object({
  accuracy: z.number(),
  steps: z.int(),
  trials: z.int(),
  complete: z.int().min(1),
});
const recordSchema = z.object({
  steps: z.int(),
  seeds: z.array(z.object({ seed: z.int(), random: searched, asha: searched, flagship: searched })),
});

const run = (folder: string, file: string, ...words: readonly string[]): Promise<string> =>
  runProgram(process.execPath, [join(root, file), ...words], {
    cwd: folder,
    env: { BENCH_RESULTS: folder, NO_COLOR: "1" },
  });
const demo = (folder: string, ...words: readonly string[]): Promise<string> =>
  run(folder, "examples/fashion-mnist/demo.mjs", ...words, "--results", join(folder, "results"));

describe("the demo", () => {
  it("spends the same steps on each search, finds what the bench recorded, and keeps the studies", async () => {
    const folder = temporaryFolder();
    await run(folder, "bench/demo.mjs", "--seeds", "1", "--steps", "48");
    const file = join(folder, "demo.json");
    const record = recordSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    const [outcome] = record.seeds;
    if (outcome === undefined) throw new Error("no seed is recorded");
    const { seed, ...searches } = outcome;
    expect([record.steps, seed, record.seeds.length]).toEqual([48, 1, 1]);

    const printed = await demo(folder, "--steps", "48", "--record", file);
    const row = (title: string): (string | undefined)[] =>
      new RegExp(`^${title} +(\\S+) +(\\S+) +(\\S+)$`, "m").exec(printed)?.slice(1) ?? [];
    const each = [searches.random, searches.asha, searches.flagship];
    expect(row("training steps")).toEqual(["48", "48", "48"]);
    expect(row("networks begun")).toEqual(each.map(({ trials }) => String(trials)));
    expect(row(" +trained to the end")).toEqual(each.map(({ complete }) => String(complete)));
    expect(row("best accuracy")).toEqual(each.map(({ accuracy }) => accuracy.toFixed(4)));
    expect(printed).toContain("recorded seeds");
    expect(printed).not.toContain("other accuracies");
    for (const line of printed.split("\n")) expect(line.length).toBeLessThanOrEqual(80);

    const command = /npx curvewise (explain \S+ \d+)/.exec(printed)?.[1]?.split(" ") ?? [];
    const explained = await curvewise(folder, ...command, "--storage", join(folder, "results/curvewise.db"));
    expect(explained.code, explained.stderr).toBe(0);
  });
});

/** What comparison.mjs prints about a record and an outcome. */
async function compared(record: unknown, outcome: unknown): Promise<string> {
  const url = new URL("../examples/fashion-mnist/comparison.mjs", import.meta.url);
  const code = `
    import { comparisonLines, placeLines } from ${JSON.stringify(url)};
    const [record, outcome] = ${JSON.stringify([record, outcome])};
    console.log([...comparisonLines(record), ...placeLines(record, outcome)].join("\\n"));`;
  return runProgram(process.execPath, ["--input-type=module", "--eval", code], { cwd: root, env: {} });
}

describe("the comparison of a seed with those recorded", () => {
  const outcomeOf = (seed: number, random: number, asha: number, flagship: number): object => ({
    seed,
    random: { accuracy: random },
    asha: { accuracy: asha },
    flagship: { accuracy: flagship },
  });
  // Leads over random search: .01, 0, -.005, .02, .03; over ASHA: .01, .01, -.015, .02, .03.
  const seeds = [
    outcomeOf(1, 0.85, 0.85, 0.86),
    outcomeOf(2, 0.86, 0.85, 0.86),
    outcomeOf(3, 0.86, 0.87, 0.855),
    outcomeOf(4, 0.84, 0.84, 0.86),
    outcomeOf(5, 0.83, 0.83, 0.86),
  ];

  it("counts, tests and ranks", async () => {
    const text = await compared({ seeds }, seeds[0]);
    expect(text).toContain("ahead of random search in 3 of 5 recorded seeds, level in 1, behind in 1");
    // Ranks of .005, .01, .02, .03 are 1 to 4; 2 of 16 sign patterns have a rank sum of at most 1: p = 2 * 2 / 16.
    expect(text).toContain("+0.0110 on average");
    expect(text).toContain("Wilcoxon p = 0.25");
    expect(text).toContain("ahead of ASHA in 4 of 5 recorded seeds, level in 0, behind in 1");
    expect(text).toContain("Seed 1: lead over random search +0.0100, number 3 of 5:");
    expect(text).toContain("largest ++[+]=- smallest");
    expect(text).not.toContain("other accuracies");
  });

  it("says when a seed is not recorded, or recorded with other accuracies", async () => {
    const unknown = await compared({ seeds }, outcomeOf(9, 0.85, 0.85, 0.865));
    expect(unknown).toContain("Seed 9 (not recorded): ");
    expect(unknown).toContain("+0.0150, number 3 of 6:");
    const other = await compared({ seeds }, outcomeOf(3, 0.86, 0.87, 0.86));
    expect(other).toContain("number 4 of 5");
    expect(other).toContain("The record has other accuracies");
  });
});
