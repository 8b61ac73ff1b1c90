import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { writeFewImages } from "../trainer/src/testing/few-images.js";
import { temporaryFolder } from "./support/command-line.js";
import { runProgram } from "./support/run-program.js";

const INDEX = resolve(import.meta.dirname, "../experiments/index.mjs");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [INDEX, ...args]);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((done) => {
    child.once("close", (code) => done({ code, stdout, stderr }));
  });
  return { child, ended };
}

/** The value of an expression about a module of the experiments, as JSON. */
async function evaluated(name: string, expression: string): Promise<unknown> {
  const url = new URL(`../experiments/${name}.mjs`, import.meta.url);
  const code = `import * as module from ${JSON.stringify(url)};
    console.log(JSON.stringify(${expression}));`;
  const words = ["--input-type=module", "--eval", code];
  return JSON.parse(await runProgram(process.execPath, words, { cwd: import.meta.dirname, env: {} }));
}

const result = z.looseObject({
  experiment: z.string(),
  machine: z.string().min(1),
  findings: z.array(z.string().min(1)).min(3),
});

/** What every experiment leaves behind: a self-contained page, figures with marks in them, tables. */
function checkOutput(folder: string, figures: readonly string[], tables: Readonly<Record<string, number>>) {
  // Without its scripts, to which the policy forbids any network access.
  const [page = ""] = readFileSync(join(folder, "index.html"), "utf8").split("<script");
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
  for (const name of figures) {
    expect(page).toContain(`id="figure-${name}"`);
    const svg = readFileSync(join(folder, `${name}.svg`), "utf8");
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg.match(/class="mark-(?:line|symbol)[^"]*"[^>]*><path/g)?.length).toBeGreaterThan(1);
    expect(svg).not.toMatch(/NaN|undefined/);
  }
  for (const [name, rows] of Object.entries(tables)) {
    const lines = readFileSync(join(folder, `${name}.csv`), "utf8")
      .trimEnd()
      .split("\n");
    expect([name, lines.length - 1]).toEqual([name, rows]);
    expect(new Set(lines.map((line) => line.split(",").length)).size).toBe(1);
  }
  return result.parse(JSON.parse(readFileSync(join(folder, "result.json"), "utf8")));
}

describe("the experiments", () => {
  it("dynamic-rate continues after Ctrl-C, and compares constant rates with changing ones", async () => {
    const output = join(temporaryFolder(), "results");
    const tiny = ["--seeds", "2", "--rates", "2", "--images", "6400", "--population", "4"];
    const args = ["dynamic-rate", ...tiny, "--output", output];
    const { child, ended } = start(...args);
    while (!existsSync(join(output, "studies", "rates", "trial-1"))) await delay(20);
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringMatching(/same command continues/) });
    expect(existsSync(join(output, "result.json"))).toBe(false);
    const whole = await start(...args).ended;
    expect(whole.code, whole.stderr).toBe(0);
    // 2 rates, constant and decaying, and the schedule that was found: 2 seeds of 2 steps each.
    const { findings } = checkOutput(output, ["dynamic-rate-a", "dynamic-rate-b", "dynamic-rate-c"], {
      final: 10,
      curves: 20,
    });
    expect(findings.join(" ")).toMatch(/best constant rate/);
    for (const finding of findings) expect(whole.stdout).toContain(finding);
    expect(readdirSync(output)).toContain("schedule.yaml");

    const again = await start(...args).ended;
    expect([again.code, again.stdout]).toEqual([0, whole.stdout]);
    const other = await start("dynamic-rate", ...tiny, "--seeds", "3", "--output", output).ended;
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/has results for other settings/)]);
  });

  it("all in a quick run: one page, the same after Ctrl-C, and the same figures twice", async () => {
    const folder = temporaryFolder();
    const data = join(folder, "images");
    await writeFewImages(data, { train: 3000, test: 500 });
    const quick = (output: string) => ["--quick", "--data", data, "--output", join(folder, output)];
    const { child, ended } = start(...quick("a"));
    while (!existsSync(join(folder, "a", "dynamic-rate", "studies", "rates", "trial-1"))) await delay(20);
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringMatching(/same command continues/) });
    expect(existsSync(join(folder, "a", "index.html"))).toBe(false);
    const [first, second] = await Promise.all([start(...quick("a")).ended, start(...quick("b")).ended]);
    // A slow machine sees progress on standard error.
    expect([first.code, second.code], first.stderr + second.stderr).toEqual([0, 0]);

    const names = ["grid", "lcm", "dynamic-rate", "pbt", "magmadnn", "scale"];
    const page = readFileSync(join(folder, "a", "index.html"), "utf8");
    for (const name of names) expect(page).toContain(`<h1 id="${name}">`);
    const tables = names.flatMap((name) =>
      readdirSync(join(folder, "a", name))
        .filter((file) => file.endsWith(".csv") && file !== "timings.csv")
        .map((file) => join(name, file)),
    );
    expect(tables.length).toBeGreaterThan(12);
    const read = (output: string) =>
      Object.fromEntries(tables.map((table) => [table, readFileSync(join(folder, output, table), "utf8")]));
    expect(read("b")).toEqual(read("a"));
    const pictures = readdirSync(join(folder, "a", "grid")).filter((file) => file.endsWith(".svg"));
    expect(pictures).toEqual(["grid.svg"]);
    const space = readFileSync(join(folder, "a", "grid", "grid.svg"), "utf8");
    expect(space.match(/<circle /g)).toHaveLength(8);
    expect(space).not.toMatch(/NaN|undefined/);
  }, 900_000);

  it("finds a difference of means and of spread, and none where there is none", async () => {
    const base = Array.from({ length: 20 }, (_, seed) => 0.8 + 0.01 * Math.sin(37 * seed));
    const better = base.map((value, seed) => value + 0.02 + 0.001 * Math.cos(11 * seed));
    const closer = base.map((_, seed) => 0.64 + 0.2 * (base[(7 * seed) % 20] ?? 0));
    const outcome = z.looseObject({ pValue: z.number() });
    const [higher, asWide, narrower, same] = z.array(outcome).parse(
      await evaluated(
        "statistics",
        `(() => {
          const [base, better, closer] = ${JSON.stringify([base, better, closer])};
          const { compare, compareSpread } = module;
          return [
            compare(better, base),
            compareSpread(better, base),
            compareSpread(closer, base),
            compareSpread(base, base),
          ];
        })()`,
      ),
    );
    expect(higher?.pValue).toBeLessThan(1e-4);
    expect(asWide?.pValue).toBeGreaterThan(0.05);
    expect(narrower).toMatchObject({ ratio: expect.closeTo(0.2, 5) });
    expect(narrower?.pValue).toBeLessThan(0.01);
    expect(same).toMatchObject({ ratio: 1, pValue: 1 });
  });

  it("goes on after a line of its journal that a crash cut off", async () => {
    const file = join(temporaryFolder(), "journal.jsonl");
    writeFileSync(file, '{"key":"a","value":{"of":1}}\n{"key":"b","val');
    const text = JSON.stringify(file);
    const found = await evaluated(
      "journal",
      `(() => {
        module.openJournal(${text}).put("c", { of: 3 });
        const journal = module.openJournal(${text});
        return ["a", "b", "c"].map((key) => journal.get(key) ?? null);
      })()`,
    );
    expect(found).toEqual([{ of: 1 }, null, { of: 3 }]);
  });

  it("pbt compares a population with searches with as many steps, and retrains its schedule", async () => {
    const output = join(temporaryFolder(), "results");
    const tiny = ["--seeds", "2", "--population", "4", "--images", "12000", "--again", "2"];
    // As many as a step takes, so that its many trainings start quickly; the other experiment has the data included here.
    const data = temporaryFolder();
    await writeFewImages(data, { train: 3000, test: 500 });
    const run = await start("pbt", ...tiny, "--data", data, "--output", output).ended;
    expect(run.code, run.stderr).toBe(0);
    const { findings } = checkOutput(output, ["pbt-rates", "pbt-schedules", "pbt-accuracy"], {
      seeds: 2,
      again: 4,
    });
    expect(findings).toHaveLength(6);
    // The same number of steps for each: 4 trainings of 4 steps.
    for (const rule of ["population based training", "the best of the fixed rates", "random search"])
      expect(run.stdout).toMatch(new RegExp(`^${rule} .* 16$`, "m"));
    const [, first = ""] = readFileSync(join(output, "rates.csv"), "utf8").split("\n");
    expect(first).toMatch(/^1,0,0,0,\d+,0\.\d+$/);
    expect(readdirSync(join(output, "schedules"))).toEqual(["schedule-1.yaml", "schedule-2.yaml"]);
  });

  it("prints help, and explains what is wrong with its arguments", async () => {
    const help = await start("--help").ended;
    expect([help.code, help.stdout]).toEqual([0, expect.stringMatching(/dynamic-rate .*\n.*pbt /)]);
    const own = await start("pbt", "--help").ended;
    expect([own.code, own.stdout]).toEqual([0, expect.stringMatching(/--population .*\(16; quick: 4\)/)]);
    for (const [args, message, code] of [
      [["none"], /There is no experiment "none"/, 2],
      [["pbt", "--seed", "1"], /Unknown option '--seed'/, 2],
      [["pbt", "--seeds", "one"], /--seeds is "one"\nGive a whole number of at least 2/, 2],
      [["lcm", "--curves", "nowhere"], /there are no recorded curves in nowhere\nRecord some/, 2],
      [["lcm", "--curves", "schema"], /schema\/\S+ has no recorded curves\nGive --curves/, 2],
      [["grid", "--quick", "--data", "nowhere"], /there is no folder nowhere\nGive --data/, 2],
      [["grid", "--quick", "--output", "package.json"], /mkdir.*\nA file has the name of a folder/, 2],
    ] as const) {
      const ended = await start(...args).ended;
      expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(message)]);
    }
  });
});
