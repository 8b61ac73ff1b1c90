import { execFile, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { CURVEWISE } from "../support/command-line.js";

const client = resolve(import.meta.dirname, "../../clients/python");
/** CI installs Python; other machines may lack it. */
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const suites = readdirSync(resolve(client, "tests"))
  .filter((name) => /^test_.*\.py$/.test(name))
  .map((name) => name.replace(/\.py$/, ""));

describe.runIf(hasPython)("the Python client", () => {
  it.each(suites)("passes its tests: %s", async (suite) => {
    const { status, told } = await new Promise<{ status: number | string | null; told: string }>((done) => {
      execFile(
        "python3",
        ["-B", "-m", "unittest", `tests.${suite}`],
        { cwd: client, env: { ...process.env, CURVEWISE_ENGINE: `"${process.execPath}" "${CURVEWISE}"` } },
        (error, _stdout, stderr) => done({ status: error === null ? 0 : (error.code ?? null), told: stderr }),
      );
    });
    expect(status, told).toBe(0);
    expect(told).toMatch(/^Ran [1-9]\d* tests? in/m);
  });
});
