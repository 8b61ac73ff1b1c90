import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { startCurvewise, temporaryFolder } from "./support/command-line.js";

/** Its loss is its seed's last digit over the param, and its file tells whether a replicate finds another's. */
const PROGRAM = `
const { appendFileSync } = require("node:fs");
const { CURVEWISE_DIR: dir, CURVEWISE_SEED: seed } = process.env;
appendFileSync(dir + "/seeds.txt", seed + "\\n");
const x = Number(process.argv[2]);
for (let step = 1; step <= 4; step++)
  console.log("curvewise " + JSON.stringify({ step, loss: x + (Number(seed) % 10) / step }));
`;

function writeStudy(folder: string, more: string, goal = "{minimize: loss}"): void {
  writeFileSync(join(folder, "program.cjs"), PROGRAM);
  writeFileSync(
    join(folder, "study.yaml"),
    `study: thrice
goal: ${goal}
command: ${JSON.stringify([process.execPath, "program.cjs", "{x}"])}
space: {x: {float: [0, 1]}}
maxSteps: 4
seed: 7
replicates: 3
${more}
`,
  );
}

const shape = z.object({
  trials: z.array(
    z.object({
      number: z.int(),
      state: z.string(),
      value: z.number().nullable(),
      params: z.object({ x: z.number() }),
      seed: z.int(),
      curve: z.array(z.object({ step: z.int(), loss: z.number() })),
      replicates: z
        .array(z.object({ seed: z.int(), curve: z.array(z.object({ step: z.int(), loss: z.number() })) }))
        .default([]),
    }),
  ),
});
const trialsIn = async (folder: string) =>
  shape.parse(JSON.parse((await curvewise(folder, "trials", "--json")).stdout)).trials;

describe("a study with replicates", () => {
  it("trains each trial with three seeds, and goes by their mean everywhere", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, "budget: {trials: 6}");
    const run = await curvewise(folder, "run", "study.yaml", "--workers", "2");
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toContain("the mean of 3 replicates");
    const trials = await trialsIn(folder);
    expect(trials).toHaveLength(6);
    for (const { number, state, value, params, seed, replicates } of trials) {
      expect(state).toBe("complete");
      const seeds = [seed, ...replicates.map((each) => each.seed)];
      expect(new Set(seeds).size).toBe(3);
      const expected = seeds.reduce((sum, each) => sum + params.x + (each % 10) / 4, 0) / 3;
      expect(value).toBeCloseTo(expected, 12);
      const files = join(folder, "curvewise-files/thrice", `trial-${number}`);
      for (const [index, own] of seeds.entries()) {
        const place = index === 0 ? files : join(files, `replicate-${index}`);
        expect(readFileSync(join(place, "seeds.txt"), "utf8")).toBe(`${own}\n`);
      }
    }
    const least = Math.min(...trials.map(({ value }) => value ?? Number.POSITIVE_INFINITY));
    const { best } = z
      .object({ best: z.array(z.object({ value: z.number() })) })
      .parse(JSON.parse((await curvewise(folder, "best", "--json")).stdout));
    expect(best[0]?.value).toBeCloseTo(least, 12);
    expect((await curvewise(folder, "best")).stdout).toMatch(/replicates +3 of 3: .*\(sd /);
    expect((await curvewise(folder, "trials")).stdout).toContain("3 of 3: ");
    expect((await curvewise(folder, "export", "--format", "csv")).stdout).toContain(
      "number,state,value,step,replicates,deviation",
    );
    expect((await curvewise(folder, "status")).stdout).toContain("3, their mean counts");
  });

  it("trains a trial that a scheduler stops only once", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, "scheduler: {threshold: {bound: 2.5, from: 2}}\nbudget: {trials: 12}");
    const run = await curvewise(folder, "run", "study.yaml", "--workers", "1");
    expect(run.code, run.stderr).toBe(0);
    const trials = await trialsIn(folder);
    const stopped = trials.filter(({ state }) => state === "stopped");
    const complete = trials.filter(({ state }) => state === "complete");
    expect([stopped.length > 0, complete.length > 0]).toEqual([true, true]);
    for (const { number, replicates } of stopped) {
      expect(replicates).toEqual([]);
      expect(existsSync(join(folder, "curvewise-files/thrice", `trial-${number}`, "replicate-1"))).toBe(
        false,
      );
    }
    for (const { replicates } of complete)
      expect(replicates.map(({ curve }) => curve.length)).toEqual([4, 4]);
  });

  it("goes on where it was killed, and verifies", async () => {
    const [folder, undisturbed] = [temporaryFolder(), temporaryFolder()];
    for (const each of [folder, undisturbed])
      writeStudy(
        each,
        "sampler: curve\nscheduler: lcm\nbudget: {trials: 10}",
        "{minimize: loss, across: median}",
      );
    const run = startCurvewise(folder, "run", "study.yaml", "--workers", "1");
    const files = join(folder, "curvewise-files/thrice/trial-1/replicate-1/seeds.txt");
    await expect.poll(() => existsSync(files), { timeout: 60_000, interval: 20 }).toBe(true);
    run.child.kill("SIGKILL");
    await run.result;
    for (const each of [folder, undisturbed]) {
      const again = await curvewise(each, "run", "study.yaml", "--quiet", "--workers", "1");
      expect(again.code, again.stderr).toBe(0);
      const verified = await curvewise(each, "replay", "thrice");
      expect(verified.code, verified.stdout + verified.stderr).toBe(0);
    }
    expect((await curvewise(folder, "export")).stdout).toBe((await curvewise(undisturbed, "export")).stdout);
    const shadowed = await curvewise(folder, "replay", "thrice", "--scheduler", "asha");
    expect(shadowed.code, shadowed.stderr).toBe(0);
    expect((await curvewise(folder, "report", "--output", "report.html")).code).toBe(0);
  });

  it("is refused for populations", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, "scheduler: {pbt: {population: 4, interval: 2}}\nbudget: {trials: 4}");
    const { code, stderr } = await curvewise(folder, "run", "study.yaml");
    expect(code, stderr).toBe(2);
    expect(stderr).toContain("pbt cannot train replicates");
  });
});
