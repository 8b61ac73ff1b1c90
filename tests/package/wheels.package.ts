import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);
/** CI installs Python with pip; other machines may lack it. */
const hasPip = spawnSync("python3", ["-c", "import ensurepip, pip, venv"]).status === 0;

const TUNE = `
import curvewise

def train(trial):
    for step in trial.steps():
        trial.report(step, loss=(trial.params["x"] - 0.3) ** 2 + 1 / step)

study = curvewise.Study(name="q", goal={"minimize": "loss"}, space={"x": {"float": [0, 1]}}, max_steps=5, seed=1)
best = study.optimize(train, trials=6, workers=2)
print(len(study.trials), best.complete)
`;

const OTHER = `
import optuna

study = optuna.create_study()
study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=4)
print(len(study.trials))
`;

describe.runIf(hasPip)("the Python wheels", () => {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-wheels-test-"));
  const environment = join(folder, "environment");
  const bin = join(environment, "bin");
  // Nothing else is on the path: no Node of the machine's.
  const inside = (program: string, ...args: readonly string[]) =>
    run(join(bin, program), args, { cwd: join(folder, "work"), env: { PATH: bin, HOME: folder } });

  beforeAll(async () => {
    mkdirSync(join(folder, "work"));
    await run(process.execPath, [join(root, "scripts/build-wheels.mjs")], { cwd: root });
    const wheels = join(root, "clients/python/dist");
    await run("python3", ["-m", "venv", environment]);
    const files = readdirSync(wheels).map((name) => join(wheels, name));
    await run(join(bin, "pip"), ["install", "-q", ...files]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("bring the command line without any other Node", async () => {
    expect(readdirSync(bin)).not.toContain("node");
    expect((await inside("curvewise", "--version")).stdout).toMatch(/^\d+\.\d+\.\d+/);
    await inside("curvewise", "init");
    const { stdout } = await inside("curvewise", "run", "study.yaml", "--trials", "3", "--quiet");
    expect(stdout).toMatch(/^trials +3: /m);
  });

  it("tune a function", async () => {
    writeFileSync(join(folder, "work", "tune.py"), TUNE);
    expect((await inside("python", "tune.py")).stdout).toBe("6 True\n");
  });

  it("run a program that was written for another tuner", async () => {
    writeFileSync(join(folder, "work", "other.py"), OTHER);
    expect((await inside("python", "-m", "curvewise.compat", "other.py")).stdout).toBe("4\n");
  });
});
