import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { curvewise } from "./support/command-in-process.js";
import { temporaryFolder } from "./support/command-line.js";

/** A folder with a study of a program that is there. */
function folderWith(entries: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder();
  const study = {
    study: "s",
    goal: { minimize: "loss" },
    command: ["true"],
    space: { x: { float: [0, 1] } },
    budget: { trials: 1 },
    ...entries,
  };
  writeFileSync(join(folder, "study.yaml"), JSON.stringify(study));
  return folder;
}

describe("curvewise check", () => {
  it.each([
    ["MAX_STEPS_MISSING", { scheduler: "asha" }],
    ["MAX_STEPS_MISSING", { scheduler: "hyperband" }],
    ["MAX_STEPS_MISSING", { scheduler: "lcm" }],
    ["MAX_STEPS_MISSING", { scheduler: "pbt" }],
    ["MAX_STEPS_MISSING", { sampler: "curve" }],
    ["OPTIONS_INVALID", { scheduler: { asha: { minSteps: 9 } }, maxSteps: 5 }],
    ["GOALS_UNSUPPORTED", { transfer: "auto", constraints: { memory: "<= 3" } }],
    ["TABLE_NOT_FOUND", { transfer: ["./old.csv"] }],
    ["TABLE_NOT_FOUND", { transfer: { from: ["../", "none.jsonl"] } }],
    ["TABLE_NOT_FOUND", { transfer: ["study.yaml.csv"] }],
    ["REPLICATES_UNSUPPORTED", { scheduler: "pbt", maxSteps: 20, replicates: 2 }],
  ])("refuses with %s what run refuses, in the same words: %j", async (code, entries) => {
    const folder = folderWith(entries);
    const check = await curvewise(folder, "check", "study.yaml");
    expect(check).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(`error ${code}`) });
    expect(await curvewise(folder, "run", "study.yaml")).toEqual(check);
  });

  it("says in words what is wrong with a table, and what of one is left out", async () => {
    const missing = await curvewise(folderWith({ transfer: ["./old.csv"] }), "check", "study.yaml");
    expect(missing.stderr).toMatch(
      /error TABLE_NOT_FOUND: there is no file \.\/old\.csv \(\/.+\) with earlier trials\n/,
    );
    expect(missing.stderr).not.toContain("ENOENT");
    const folder = folderWith({ transfer: ["old.csv"] });
    writeFileSync(join(folder, "old.csv"), "x,loss,host\n0.5,1,a\n7,1,b\n");
    const found = await curvewise(folder, "check", "study.yaml");
    expect(found).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('old.csv: skipped 1 row: "x" is outside'),
    });
  });

  it("shows the defaults as its example, as the first trial has them", async () => {
    const space = {
      x: { float: [0, 1], default: 0.125 },
      y: { float: [0, 1], prior: { around: 0.75, within: 0.1 } },
    };
    const command = ["true", "{x}", "{y}"];
    const ofDefaults = await curvewise(folderWith({ space, command }), "check", "study.yaml", "--json");
    expect(JSON.parse(ofDefaults.stdout)).toMatchObject({ params: { x: 0.125, y: 0.75 } });
    const enqueue = [{ x: 0.5, y: 0.25 }];
    const ofQueue = await curvewise(folderWith({ space, command, enqueue }), "check", "study.yaml", "--json");
    expect(JSON.parse(ofQueue.stdout)).toMatchObject({ params: { x: 0.5, y: 0.25 } });
  });

  it("leaves no study behind", async () => {
    const folder = folderWith({ scheduler: "lcm", maxSteps: 5 });
    const { code, stderr } = await curvewise(folder, "check", "study.yaml");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(existsSync(join(folder, "curvewise.db"))).toBe(false);
  });
});

describe("curvewise submit", () => {
  it("refuses such a study before it is submitted", async () => {
    const folder = folderWith({ scheduler: "asha" });
    const { code, stderr } = await curvewise(folder, "submit", "study.yaml", "--workers", "2");
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("error MAX_STEPS_MISSING") });
  });

  it("refuses a study whose table of earlier trials is missing, unless it has begun", async () => {
    const folder = folderWith({ transfer: ["./old.csv"] });
    const { code, stderr } = await curvewise(folder, "submit", "study.yaml", "--workers", "2");
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("error TABLE_NOT_FOUND") });
    expect(existsSync(join(folder, "curvewise.db"))).toBe(false);
    writeFileSync(join(folder, "old.csv"), "x,loss\n0.5,1\n");
    await curvewise(folder, "run", "study.yaml", "--quiet");
    rmSync(join(folder, "old.csv"));
    // A folder that cannot be made ends it before it reaches the batch system, if this machine has one.
    const args = ["submit", "study.yaml", "--workers", "2", "--files", "study.yaml"];
    const again = await curvewise(folder, ...args);
    expect(again.code).not.toBe(0);
    expect(again.stderr).not.toContain("TABLE_NOT_FOUND");
    expect(again.stderr).toContain("study.yaml");
  });
});

describe("curvewise init --from", () => {
  it("says that the study of a sweep without max_iter needs maxSteps, also in the file", async () => {
    const folder = temporaryFolder();
    const sweep =
      "{method: random, parameters: {x: {min: 0, max: 1}}, early_terminate: {type: hyperband, min_iter: 3}}";
    writeFileSync(join(folder, "sweep.yaml"), sweep);
    const { code, stderr } = await curvewise(folder, "init", "--from", "sweep.yaml");
    expect(code).toBe(0);
    expect(stderr).toContain("is not complete yet: scheduler asha needs to know when a training is complete");
    expect(stderr).toContain("set `maxSteps`");
    expect(readFileSync(join(folder, "study.yaml"), "utf8")).toMatch(/^# .*set `maxSteps`/m);
  });
});

describe("a program that the system may not execute", () => {
  it.each([
    [
      "whose name depends on a param",
      { command: ["./{kind}.sh"], space: { kind: { choice: ["train"] } } },
      "chmod +x",
    ],
    ["of a shell", { command: "./train.sh", shell: true }, "chmod +x"],
    ["in Python", { command: ["./{kind}.py"], space: { kind: { choice: ["train"] } } }, "[python3, "],
  ])("has a hint: one %s", async (_, entries, hint) => {
    const folder = folderWith({ ...entries, workers: 1 });
    for (const name of ["train.sh", "train.py"])
      writeFileSync(join(folder, name), "#!/bin/sh\n", { mode: 0o644 });
    const { code, stderr } = await curvewise(folder, "run", "study.yaml", "--quiet");
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^hint: /m);
    expect(stderr.slice(stderr.indexOf("hint: "))).toContain(hint);
  });
});
