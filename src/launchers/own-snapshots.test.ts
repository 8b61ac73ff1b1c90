import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { Assignment } from "../core/launcher.js";
import type { MetricReading } from "../core/metric-reading.js";
import { type OwnSnapshots, watchOwnSnapshots } from "./own-snapshots.js";

const XGBOOST: MetricReading = { kind: "format", format: "xgboost" };
const LIGHTNING: MetricReading = { kind: "file", file: "{dir}/metrics.csv", format: "lightning-csv" };
const LIGHTGBM: MetricReading = { kind: "format", format: "lightgbm" };

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-own-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Watches an attempt whose program saves as `path` says. */
async function watch(
  folder: string,
  path: string,
  metrics: MetricReading,
  { firstStep, resume }: { readonly firstStep?: 0 | undefined; readonly resume?: Assignment["resume"] } = {},
): Promise<OwnSnapshots> {
  const own = await watchOwnSnapshots(
    { snapshot: { path, wait: 1 }, folder, metrics, ...(firstStep === undefined ? {} : { firstStep }) },
    {
      study: "s",
      trial: 0,
      attempt: resume === undefined ? 1 : 2,
      params: {},
      seed: 1,
      maxSteps: 5,
      folder,
      resume,
      timeout: undefined,
    },
    new AbortController().signal,
  );
  if (own === undefined) throw new Error("no snapshots are watched");
  return own;
}

/** The snapshots that are handed in when the program has ended by itself. */
async function handedIn(own: OwnSnapshots): Promise<{ step: number; path: string }[]> {
  const snapshots: { step: number; path: string }[] = [];
  const talk = {
    told: undefined,
    report: async () => "continue" as const,
    snapshot: async (step: number, path: string) => {
      snapshots.push({ step, path });
    },
    note: () => {},
    close: async () => {},
  };
  await own.handIn(talk, false);
  return snapshots;
}

// Real programs are paused in tests/own-snapshots.test.ts.
it.each([
  ["xgboost counts from 0, and so do the names of its models", XGBOOST, undefined, 2],
  ["Lightning too", LIGHTNING, undefined, 2],
  ["lightgbm counts from 1", LIGHTGBM, undefined, 1],
  ["a program counts from 0 if its study says so", { kind: "lines" }, 0, 2],
] as const)("%s", async (_, metrics, firstStep, step) => {
  const folder = emptyFolder();
  const own = await watch(folder, "{dir}/model_{step}.bin", metrics, { firstStep });
  expect(own.after).toBeUndefined();
  own.reported(1);
  own.reported(2);
  writeFileSync(join(folder, "model_1.bin"), "a model");
  expect(await handedIn(own)).toMatchObject([{ step }]);
});

it.each([
  ["by its name", "{dir}/model_{step}.bin"],
  ["by what the program had reported when it was saved", "{dir}/model_*.bin"],
])(
  "a model may have more steps than the study has kept, which is known at the next attempt: %s",
  async (_, path) => {
    const folder = emptyFolder();
    const first = await watch(folder, path, XGBOOST);
    first.reported(1);
    first.reported(2);
    first.reported(3, false);
    writeFileSync(join(folder, "model_2.bin"), "a model");
    const [resume] = await handedIn(first);
    expect(resume?.step).toBe(2);
    const second = await watch(folder, path, XGBOOST, { resume });
    expect(second.after).toBe(3);
  },
);

it("a program that trained to its end before it could be paused goes on from a model with fewer steps, or from none", async () => {
  const trained = async (path: string): Promise<OwnSnapshots> => {
    const folder = emptyFolder();
    const own = await watch(folder, path, { kind: "lines" });
    own.reported(1);
    for (const step of [2, 3, 4, 5]) {
      own.reported(step, false);
      if (step >= 4) writeFileSync(join(folder, `model_${step}.bin`), "a model");
    }
    return own;
  };
  expect(await handedIn(await trained("{dir}/model_*.bin"))).toEqual([]);
  const [resume] = await handedIn(await trained("{dir}/model_{step}.bin"));
  expect(resume).toMatchObject({ step: 1, path: expect.stringContaining("of-4") });
});

it("a model of the last step that was kept has just these steps", async () => {
  const folder = emptyFolder();
  const first = await watch(folder, "{dir}/model_{step}.bin", XGBOOST);
  first.reported(1);
  writeFileSync(join(folder, "model_0.bin"), "a model");
  const [resume] = await handedIn(first);
  expect((await watch(folder, "{dir}/model_{step}.bin", XGBOOST, { resume })).after).toBe(1);
});
