import { execFileSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { curvewise } from "../support/command-in-process.js";
import { temporaryFolder } from "../support/command-line.js";

const CLIENT = resolve(import.meta.dirname, "../../clients/r");

describe("the R client", () => {
  it("is paused, goes on, and is tuned", async () => {
    const folder = temporaryFolder();
    cpSync(CLIENT, folder, { recursive: true });
    const run = await curvewise(folder, "run", "example/study.yaml");
    expect(run.code, run.stderr).toBe(0);
    const { stdout } = await curvewise(folder, "status", "falling-in-r", "--json");
    expect(JSON.parse(stdout).studies[0]).toMatchObject({ trials: { failed: 0 } });
  });

  it("runs by hand with defaults and the command line's params", () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, "hand.R"),
      `source(${JSON.stringify(join(CLIENT, "curvewise.R"))})
trial <- curvewise_trial(list(lr = 0.1, net = "a", layers = list(1, 2)), max_steps = 2)
for (step in trial$steps()) stopifnot(trial$report(step, loss = 1) == "continue", !trial$should_save(step))
cat(trial$params$lr, trial$params$net, length(trial$params$layers), trial$seed, is.null(trial$resume))
`,
    );
    const { CURVEWISE_SOCKET: _, ...env } = process.env;
    const args = [join(folder, "hand.R"), "--lr=0.5", "--net=b=c"];
    expect(execFileSync("Rscript", args, { env, encoding: "utf8" })).toBe("0.5 b=c 2 0 TRUE");
  });
});
