import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { describe, expect, it } from "vitest";
import { curvewise } from "./support/command-in-process.js";
import { FORMULA, temporaryFolder } from "./support/command-line.js";

const STUDY = `study: input
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(FORMULA)}, "--lr={lr}", "--pause-ms=1"]
space:
  lr: {float: [1e-4, 1], log: true}
maxSteps: 3
budget: {trials: 2}
`;

function folderWith(study: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "study.yaml"), study);
  return folder;
}

describe("a study file with", () => {
  it.each([
    ["an unknown key", STUDY.replace("maxSteps", "maxstep"), /study\.yaml:6:1: .*maxstep.*"maxSteps"/],
    ["an unknown key inside", STUDY.replace("log: true", "lgo: true"), /study\.yaml:5:\d+: .*lgo.*"log"/],
    ["low above high", STUDY.replace("[1e-4, 1]", "[2, 1]"), /study\.yaml:5:\d+: .*low is greater than high/],
    ["the logarithm of zero", STUDY.replace("[1e-4, 1]", "[0, 1]"), /study\.yaml:5:\d+: .*above zero/],
    ["a placeholder that is not a param", STUDY.replace("={lr}", "={lrr}"), /lrr.*/],
    ["no command and no other workers", STUDY.replace(/^command: .*$/m, ""), /COMMAND_MISSING.*\n.*--listen/],
    ["an unknown scheduler", `${STUDY}scheduler: medain\n`, /medain.*"?median/],
    ["an unknown option", `${STUDY}scheduler: {median: {starup: 3}}\n`, /starup.*"?startup/],
    ["no YAML in it", "study: [", /study\.yaml:1:\d+/],
  ])("%s is refused with one clear error", async (_what, study, message) => {
    const folder = folderWith(study);
    const { code, stderr, stdout } = await curvewise(folder, "run", "study.yaml");
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(/^error [A-Z_]+: /m);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^hint: /m);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe("");
    expect(existsSync(join(folder, "curvewise.db"))).toBe(false);
  });

  it("a program that does not exist is refused before anything is recorded", async () => {
    const folder = folderWith(STUDY.replace(JSON.stringify(process.execPath), "no-such-program"));
    const { code, stderr } = await curvewise(folder, "run", "study.yaml");
    expect(code).toBe(2);
    expect(stderr).toMatch(/error COMMAND_NOT_FOUND: .*no-such-program/);
    expect(existsSync(join(folder, "curvewise.db"))).toBe(false);
  });

  it("constraints that nothing satisfies is refused with the constraint to blame", async () => {
    const folder = folderWith(`${STUDY}constraints: ["lr > 2"]\n`);
    const { code, stderr } = await curvewise(folder, "run", "study.yaml");
    expect(code).toBe(2);
    expect(stderr).toMatch(/error SPACE_UNSATISFIABLE: .*lr > 2 refused 300/);
  });

  it("a changed space is refused with the difference, and the study stays unchanged", async () => {
    const folder = folderWith(STUDY);
    expect((await curvewise(folder, "run", "study.yaml")).code).toBe(0);
    const before = (await curvewise(folder, "export", "--format", "jsonl")).stdout;
    writeFileSync(join(folder, "study.yaml"), STUDY.replace("[1e-4, 1]", "[1e-3, 1]"));
    const { code, stderr } = await curvewise(folder, "run", "study.yaml");
    expect(code).toBe(2);
    expect(stderr).toContain("- space.lr.low: 0.0001\n  + space.lr.low: 0.001");
    expect((await curvewise(folder, "export", "--format", "jsonl")).stdout).toBe(before);
  });

  it("a larger budget needs --extend, and then continues", async () => {
    const folder = folderWith(STUDY);
    expect((await curvewise(folder, "run", "study.yaml")).code).toBe(0);
    writeFileSync(join(folder, "study.yaml"), STUDY.replace("trials: 2", "trials: 4"));
    const refused = await curvewise(folder, "run", "study.yaml");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--extend");
    expect((await curvewise(folder, "run", "study.yaml", "--extend")).code).toBe(0);
    const { stdout } = await curvewise(folder, "export", "--format", "jsonl");
    expect(stdout.trim().split("\n")).toHaveLength(4);
  });
});

describe("a database that is", () => {
  it("not a database is refused and left alone", async () => {
    const folder = folderWith(STUDY);
    writeFileSync(join(folder, "curvewise.db"), "some notes of mine\n".repeat(100));
    const { code, stderr } = await curvewise(folder, "run", "study.yaml");
    expect(code).toBe(2);
    expect(stderr).toMatch(/error STORAGE_INVALID: .*curvewise\.db/);
    expect((await curvewise(folder, "status")).code).toBe(2);
  });

  it("from a newer version is refused", async () => {
    const folder = folderWith(STUDY);
    expect((await curvewise(folder, "run", "study.yaml")).code).toBe(0);
    const database = new Database(join(folder, "curvewise.db"));
    database.exec("PRAGMA user_version = 999");
    database.close();
    for (const command of [["run", "study.yaml"], ["status"]]) {
      const { code, stderr } = await curvewise(folder, ...command);
      expect(code).toBe(2);
      expect(stderr).toMatch(/error STORAGE_NEWER: /);
      expect(stderr).toMatch(/hint: .*[Uu]pdate/);
    }
  });

  it("missing is named by the commands that read", async () => {
    const { code, stderr } = await curvewise(temporaryFolder(), "status");
    expect(code).toBe(2);
    expect(stderr).toMatch(/error STORAGE_NOT_FOUND: .*curvewise\.db/);
    expect(stderr).toContain("--storage");
  });

  it("in a folder that does not exist is refused", async () => {
    const folder = folderWith(STUDY);
    const { code, stderr } = await curvewise(
      folder,
      "run",
      "study.yaml",
      "--storage",
      "missing/curvewise.db",
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/error STORAGE_NOT_FOUND: /);
  });

  it("read-only can be read, but not run", async () => {
    const folder = folderWith(STUDY);
    expect((await curvewise(folder, "run", "study.yaml")).code).toBe(0);
    // Root may write whatever the mode says, so the rest holds only for other users.
    if (process.getuid?.() === 0) return;
    mkdirSync(join(folder, "sub"));
    chmodSync(join(folder, "curvewise.db"), 0o444);
    chmodSync(folder, 0o555);
    expect((await curvewise(folder, "status")).code).toBe(0);
    const { code, stderr } = await curvewise(folder, "run", "study.yaml", "--extend");
    chmodSync(folder, 0o755);
    expect(code).toBe(2);
    expect(stderr).toMatch(/error STORAGE_READ_ONLY: /);
  });
});
