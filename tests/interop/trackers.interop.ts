import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { createRandom } from "../../src/math/random.js";
import {
  type CommandResult,
  CURVEWISE,
  curvewise,
  startCommand,
  startCurvewise,
  temporaryFolder,
} from "../support/command-line.js";
import {
  freePort,
  interopPython,
  type OtherServer,
  python,
  startServer,
  until,
} from "../support/interop-python.js";
import { exportedTrial } from "../support/optuna-description.js";
import { eventsOf, untilLog } from "../support/study-log.js";

const READER = join(import.meta.dirname, "read_trackers.py");
const STEPS = 5;
/** MLflow's database keeps the largest number in place of an infinity, TensorBoard single precision. */
const inMlflow = (value: number): number => (value === Number.POSITIVE_INFINITY ? Number.MAX_VALUE : value);
const inTensorboard = (value: number): number | string =>
  value === Number.POSITIVE_INFINITY ? "inf" : Math.fround(value);

type Curve = z.output<typeof exportedTrial>["curve"];

/**
 * A training that diverges in some trials. In trials from `gated` on it waits before step 2 for the file `go-2`, and
 * before step 3 for the file `go-3`.
 */
const PROGRAM = `
import { existsSync } from "node:fs";
const [x, trial, gated] = process.argv.slice(2, 5).map(Number);
for (let step = 1; step <= ${STEPS}; step++) {
  while (trial >= gated && step < 4 && step > 1 && !existsSync("go-" + step)) {
    await new Promise((done) => setTimeout(done, 10));
  }
  const loss = trial % 5 === 2 && step === 2 ? "NaN" : trial % 5 === 3 && step === 2 ? "Infinity" : x + 1 / (step + trial);
  console.log("curvewise " + JSON.stringify({ step, loss, "odd name%": step * x }));
}
if (trial % 10 === 7) process.exit(3);
`;

interface Shape {
  readonly trials: number;
  readonly gated?: number;
  readonly scheduler?: string;
}

/** Writes a study that MLflow and TensorBoard follow. */
function writeStudy(
  folder: string,
  url: string,
  { trials, gated = 1_000_000, scheduler = "none" }: Shape,
): void {
  writeFileSync(join(folder, "train.mjs"), PROGRAM);
  writeFileSync(
    join(folder, "study.yaml"),
    `study: tracked
goal: {minimize: loss}
command: [${process.execPath}, train.mjs, "{x}", "{trial}", ${gated}]
space:
  x: {float: [0, 1]}
  kind: {choice: [a, null, true, [1, 2]]}
  deep.layers: {int: [1, 4]}
maxSteps: ${STEPS}
scheduler: ${scheduler}
budget: {trials: ${trials}}
workers: 4
trackers:
  - mlflow: {uri: "${url}", experiment: tests}
  - tensorboard: {folder: runs}
`,
  );
}

const startMlflow = (folder: string, port?: number): Promise<OtherServer> =>
  startServer(
    folder,
    [
      "-m",
      "mlflow",
      "server",
      "--backend-store-uri",
      "sqlite:///mlflow.db",
      "--artifacts-destination",
      "artifacts",
      "--workers",
      "1",
      "--port",
      "PORT",
    ],
    {
      path: "/health",
      // It would start eight more processes that only its assistants need.
      environment: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false" },
      ...(port === undefined ? {} : { port }),
    },
  );

const metrics = z.record(z.string(), z.array(z.tuple([z.number(), z.union([z.number(), z.string()])])));
const seen = z.object({
  parents: z.array(z.object({ id: z.string(), name: z.string(), status: z.string() })).default([]),
  trials: z.record(
    z.string(),
    z.object({
      metrics,
      params: z.record(z.string(), z.string()).optional(),
      status: z.string().optional(),
      parent: z.string().optional(),
    }),
  ),
});

const read = async (folder: string, ...args: readonly string[]) =>
  seen.parse(JSON.parse(await python(folder, READER, ...args)));

async function trialsOf(folder: string) {
  const { stdout } = await curvewise(folder, "export", "tracked");
  const lines = stdout.trimEnd().split("\n");
  return lines.map((line) => exportedTrial.parse(JSON.parse(line)));
}

const STATUS: Readonly<Record<string, string>> = {
  complete: "FINISHED",
  stopped: "KILLED",
  failed: "FAILED",
  paused: "SCHEDULED",
};
const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Checks that both tools have each metric of each step once, and nothing else. @returns how many trials there are */
async function checkAll(folder: string, url: string): Promise<number> {
  const own = await trialsOf(folder);
  const trials = own.length;
  const mlflow = await read(folder, "mlflow", url, "tests");
  const tensorboard = await read(folder, "tensorboard", join("runs", "tracked"));
  expect(mlflow.parents.map(({ name, status }) => ({ name, status }))).toEqual([
    { name: "tracked", status: "FINISHED" },
  ]);
  expect(Object.keys(mlflow.trials)).toHaveLength(trials);
  expect(Object.keys(tensorboard.trials)).toHaveLength(trials);
  const pointsOf = (curve: Curve, metric: string, valueOf: (value: number) => number | string) =>
    curve.map(({ step, [metric]: value }) => [step, value === "NaN" ? "nan" : valueOf(Number(value))]);
  for (const { number, state, params, curve } of own) {
    const there = mlflow.trials[number];
    expect(there?.parent).toBe(mlflow.parents[0]?.id);
    expect(there?.status).toBe(STATUS[state]);
    expect(there?.params).toEqual(
      Object.fromEntries(Object.entries(params).map(([name, value]) => [name, textOf(value)])),
    );
    expect(there?.metrics).toEqual({
      loss: pointsOf(curve, "loss", inMlflow),
      "odd name_": pointsOf(curve, "odd name%", inMlflow),
    });
    expect(tensorboard.trials[number]?.metrics).toEqual({
      loss: pointsOf(curve, "loss", inTensorboard),
      "odd name%": pointsOf(curve, "odd name%", inTensorboard),
    });
  }
  return trials;
}

const sessionGroups = z.object({
  sessionGroups: z.array(
    z.object({
      name: z.string(),
      hparams: z.record(z.string(), z.json()),
      metricValues: z.array(
        z.object({ name: z.object({ tag: z.string() }), value: z.union([z.number(), z.string()]) }),
      ),
      sessions: z.array(z.object({ name: z.string(), status: z.string() })),
    }),
  ),
});

/** Checks what TensorBoard's own server shows on its pages for scalars and HParams. */
async function checkTensorboardPages(folder: string): Promise<void> {
  const { url } = await startServer(
    folder,
    ["-m", "tensorboard.main", "--logdir", "runs", "--port", "PORT", "--bind_all"],
    { path: "/data/logdir" },
  );
  const own = await trialsOf(folder);
  const ask = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${url}/data/plugin/hparams/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
    return answer.json();
  };
  const tags = z.record(z.string(), z.record(z.string(), z.unknown()));
  // It reads the files in the background.
  for (let runs = 0; runs < own.length; ) {
    runs = Object.keys(tags.parse(await (await fetch(`${url}/data/plugin/scalars/tags`)).json())).length;
  }
  const experiment = z.object({
    hparamInfos: z.array(z.object({ name: z.string() })),
    metricInfos: z.array(z.object({ name: z.object({ tag: z.string() }) })),
  });
  const infos = experiment.parse(await ask("experiment", { experimentName: "" }));
  expect(infos.hparamInfos.map(({ name }) => name).sort()).toEqual(["deep.layers", "kind", "x"]);
  expect([...new Set(infos.metricInfos.map(({ name }) => name.tag))].sort()).toEqual(["loss", "odd name%"]);
  const groups = sessionGroups.parse(
    await ask("session_groups", {
      experimentName: "",
      allowedStatuses: ["STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING", "STATUS_UNKNOWN"],
      colParams: infos.metricInfos.map(({ name }) => ({ metric: name })),
      startIndex: 0,
      sliceSize: 1000,
    }),
  ).sessionGroups;
  expect(groups).toHaveLength(own.length);
  for (const { number, params, curve, state } of own) {
    const group = groups.find(({ name }) => name === `trial-${number}`);
    expect(group?.hparams["x"]).toBe(params["x"]);
    expect(group?.hparams["deep.layers"]).toBe(params["deep.layers"]);
    expect(group?.sessions[0]?.status).toBe(state === "failed" ? "STATUS_FAILURE" : "STATUS_SUCCESS");
    const loss = group?.metricValues.find(({ name }) => name.tag === "loss");
    expect(Number(loss?.value)).toBe(Math.fround(Number(curve.at(-1)?.["loss"])));
  }
}

const finished = ({ code, stderr }: CommandResult): void =>
  expect({ code, stderr }).toEqual({ code: 0, stderr });

it("MLflow and TensorBoard have every metric of a study of 100 trials", async () => {
  const folder = temporaryFolder();
  const { url } = await startMlflow(folder);
  writeStudy(folder, url, { trials: 100, scheduler: "{asha: {minSteps: 1, eta: 2, type: stopping}}" });
  const result = await curvewise(folder, "run", "study.yaml");
  finished(result);
  expect(result.stderr).not.toContain("warning");
  expect(await checkAll(folder, url)).toBe(100);
  await checkTensorboardPages(folder);
  // What is there already is not sent again.
  finished(await curvewise(folder, "export", "--format", "mlflow", "--output", url, "--experiment", "tests"));
  finished(await curvewise(folder, "export", "--format", "tensorboard", "--output", "runs"));
  expect(await checkAll(folder, url)).toBe(100);
});

it("a coordinator that is killed and started again loses and doubles nothing", async () => {
  const folder = temporaryFolder();
  const { url } = await startMlflow(folder);
  const gated = 12;
  writeStudy(folder, url, { trials: 20, gated });
  const random = createRandom(Date.now(), 0, 0);
  let recorded = 0;
  for (let kill = 0; kill < 6; kill++) {
    const { child, result } = startCurvewise(folder, "run", "study.yaml");
    const more = random.integer(1, 25);
    const log = await untilLog(
      folder,
      "tracked",
      (events) =>
        events.length >= recorded + more ||
        eventsOf(events.slice(recorded), "attempt-started").some(({ trial }) => trial >= gated),
    );
    recorded = log.length;
    child.kill("SIGKILL");
    await result;
  }
  for (const step of [2, 3]) writeFileSync(join(folder, `go-${step}`), "");
  finished(await curvewise(folder, "run", "study.yaml"));
  expect(await checkAll(folder, url)).toBe(20);
});

it("a server that is away for a while neither stops a study nor lacks anything afterwards", async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  const before = await startMlflow(folder, port);
  writeStudy(folder, before.url, { trials: 12, gated: 4 });
  const started = startCurvewise(folder, "run", "study.yaml");
  await untilLog(folder, "tracked", (events) =>
    eventsOf(events, "reported").some(({ trial, step }) => trial >= 4 && step === 1),
  );
  await before.stop();
  writeFileSync(join(folder, "go-2"), "");
  await started.untilTold("the study goes on, and this is tried again");
  await startMlflow(folder, port);
  await started.untilTold("mlflow: everything is there again");
  writeFileSync(join(folder, "go-3"), "");
  const result = await started.result;
  finished(result);
  expect(result.stderr).not.toContain("warning");
  expect(await checkAll(folder, before.url)).toBe(12);
});

it("what a server that stays away lacks can be sent later, also when a study is continued", async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  writeStudy(folder, url, { trials: 8 });
  const result = await curvewise(folder, "run", "study.yaml");
  finished(result);
  expect(result.stderr).toContain("mlflow lacks a part of the study");
  const hint = /`curvewise (export [^`]+)`/.exec(result.stderr)?.[1]?.split(" ") ?? [];
  await startMlflow(folder, port);
  finished(await curvewise(folder, ...hint));
  expect(await checkAll(folder, url)).toBe(8);
});

it.each([
  // Killed, it logs runs that were open once more, and W&B passes over steps that it has.
  { signal: "SIGKILL", isTwice: true },
  { signal: "SIGTERM", isTwice: false },
] as const)(
  "W&B has every metric of a study, also if the program that logs them gets $signal",
  async (end) => {
    const folder = temporaryFolder();
    writeStudy(folder, "http://127.0.0.1:1", { trials: 12, gated: 6 });
    // Only W&B is looked at here.
    const file = join(folder, "study.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/^trackers:[^]*$/m, ""));
    const follow = (...args: readonly string[]) =>
      startCommand(
        [interopPython(), "-B", "-m", "curvewise.wandb_runs", "tracked", "--project", "tests", ...args],
        {
          folder,
          environment: {
            PYTHONPATH: join(import.meta.dirname, "../../clients/python/src"),
            CURVEWISE_ENGINE: `${process.execPath} ${CURVEWISE}`,
            WANDB_MODE: "offline",
          },
        },
      );
    const first = follow("--every", "0.2");
    const started = startCurvewise(folder, "run", "study.yaml");
    const kept = join(folder, "wandb", "curvewise-tracked.json");
    const logged = z.object({
      trials: z.record(z.string(), z.object({ step: z.number(), state: z.string() })),
    });
    // All trials that are not held have ended, and others are held with open runs.
    await until(() => {
      if (!existsSync(kept)) return false;
      const { trials } = logged.parse(JSON.parse(readFileSync(kept, "utf8")));
      return Object.keys(trials).length === 6 && readdirSync(join(folder, "wandb")).length > 9;
    });
    first.child.kill(end.signal);
    await first.result;
    const second = follow("--every", "0.2");
    for (const step of [2, 3]) writeFileSync(join(folder, `go-${step}`), "");
    finished(await started.result);
    finished(await second.result);
    const last = await follow("--once").result;
    finished(last);
    expect(last.stdout).toContain("0 steps logged");
    const own = await trialsOf(folder);
    const { trials } = await read(folder, "wandb", "wandb");
    expect(Object.keys(trials)).toHaveLength(12);
    for (const { number, params, curve, state } of own) {
      const there = trials[number];
      const pointsOf = (metric: string) =>
        curve.map(({ step, [metric]: value }) => {
          return [step, value === "NaN" ? "nan" : value === "Infinity" ? "inf" : value];
        });
      const pointsThere = (metric: string) => {
        const points = there?.metrics[metric] ?? [];
        return end.isTwice ? [...new Map(points.map((point) => [point[0], point])).values()] : points;
      };
      for (const metric of ["loss", "odd name%"]) expect(pointsThere(metric)).toEqual(pointsOf(metric));
      expect(Object.entries(there?.params ?? {}).map(([name, text]) => [name, JSON.parse(text)])).toEqual(
        Object.entries(params),
      );
      expect(there?.status).toBe(state === "failed" ? "1" : "0");
    }
  },
);
