import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { CURVEWISE, curvewise, startCurvewise, temporaryFolder } from "../../support/command-line.js";
import { embeddedPaths } from "../../support/embedded-answers.js";
import { expectTwoLanguages, writeTwoLanguages } from "../../support/two-languages.js";
import { expectAsUndisturbed, readLog, untilLog, writeSpreadStudy } from "../../support/undisturbed.js";

const execute = promisify(execFile);
const OPEN_MPI = ["mpirun.openmpi", "--allow-run-as-root", "--oversubscribe"];

async function workersOf(folder: string): Promise<number> {
  return (await readLog(folder)).filter(({ type }) => type === "worker-joined").length;
}

describe("a study by MPI", () => {
  it.each([
    { title: "Open MPI, random", starter: [...OPEN_MPI, "-np", "8"], others: 7, sampler: "random" },
    {
      title: "Open MPI, grid",
      starter: [...OPEN_MPI, "-np", "4"],
      others: 3,
      sampler: "{grid: {levels: 4}}",
    },
    { title: "MPICH, random", starter: ["mpirun.mpich", "-np", "4"], others: 3, sampler: "random" },
  ])("has the trials of a run on one machine: $title", async ({ starter, others, sampler }) => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 12, sampler });
    const [program = "", ...words] = starter;
    const run = [process.execPath, CURVEWISE, "run", "study.yaml", "--launcher", "mpi", "--quiet"];
    await execute(program, [...words, ...run, "--workers-at-least", String(others)], { cwd: folder });
    expect(await workersOf(folder)).toBe(others);
    await expectAsUndisturbed(folder, 12);
  });

  it("trains with a C++ and a Python program, which pause and go on", async () => {
    const folder = temporaryFolder();
    writeTwoLanguages(folder);
    const [program = "", ...words] = OPEN_MPI;
    const run = [process.execPath, CURVEWISE, "run", "study.yaml", "--launcher", "mpi", "--quiet"];
    await execute(program, [...words, "-np", "4", ...run, "--workers-at-least", "3"], { cwd: folder });
    expect(await workersOf(folder)).toBe(3);
    await expectTwoLanguages(folder);
  });

  it("ends a grid of three params with a table and a picture of every metric", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, {
      trials: 64,
      steps: 3,
      stepTime: 5,
      sampler: "{grid: {levels: {lr: 4, momentum: [0, 0.3, 0.6, 0.9]}}}",
      third: "width: {ordinal: [16, 32, 64, 128]}",
    });
    const run = [
      "-np",
      "8",
      process.execPath,
      CURVEWISE,
      "run",
      "study.yaml",
      "--launcher",
      "mpi",
      "--quiet",
    ];
    const [program = "", ...words] = OPEN_MPI;
    await execute(program, [...words, ...run], { cwd: folder });
    const { stdout } = await curvewise(folder, "export", "--format", "csv");
    const [header = "", ...rows] = stdout.trim().split("\n");
    expect(header).toBe("number,state,value,step,lr,momentum,width,loss,accuracy");
    const cells = rows.map((row) => row.split(","));
    expect(new Set(cells.map((row) => row.slice(4, 7).join())).size).toBe(4 * 4 * 4);
    expect(
      cells.every(([, state, value, step, , , , loss, accuracy]) => {
        return (
          state === "complete" &&
          step === "3" &&
          value === loss &&
          Math.abs(1 / (1 + Number(loss)) - Number(accuracy)) < 1e-9
        );
      }),
    ).toBe(true);
    const report = await curvewise(folder, "report");
    expect(report.code, report.stderr).toBe(0);
    const paths = embeddedPaths(readFileSync(join(folder, "report.html"), "utf8")).join(" ");
    expect(paths).toMatch(/\/plots\/grid-3d(?= |$)/);
    expect(paths).toContain("/plots/grid-3d?metric=accuracy");
  });

  it("goes on when one of the workers that mpirun started is killed", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 16, stepTime: 100 });
    const words = [
      "--launcher",
      "mpi",
      "--mpi",
      "mpirun.openmpi",
      "--mpi-flag=--oversubscribe",
      "--workers",
      "3",
    ];
    const run = startCurvewise(
      folder,
      "run",
      "study.yaml",
      ...words,
      "--worker-lease",
      "2",
      "--workers-at-least",
      "3",
    );
    await untilLog(
      folder,
      "all train",
      (events) => events.filter(({ type }) => type === "reported").length > 6,
    );
    const { stdout } = await curvewise(folder, "workers", "--json");
    const pid = Number(/"pid": ?(\d+)/.exec(stdout)?.[1]);
    process.kill(pid, "SIGKILL");
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(0);
    expect(await workersOf(folder)).toBe(3);
    await expectAsUndisturbed(folder, 16);
  });

  it("ends mpirun and its workers at Ctrl-C", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 1000, stepTime: 50 });
    const words = ["--launcher", "mpi", "--mpi", "mpirun.mpich", "--workers", "2"];
    const run = startCurvewise(folder, "run", "study.yaml", ...words);
    const events = await untilLog(folder, "they train", (all) => all.some(({ type }) => type === "reported"));
    run.child.kill("SIGINT");
    expect((await run.result).code).toBe(130);
    expect(events.some(({ type }) => type === "worker-joined")).toBe(true);
    const { stdout } = await execute("ps", ["-eo", "args"]);
    expect(stdout).not.toContain(`--rendezvous ${folder}`);
  });
});
