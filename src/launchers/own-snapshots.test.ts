import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { MetricReading } from "../core/metric-reading.js";
import { watchOwnSnapshots } from "./own-snapshots.js";

const XGBOOST: MetricReading = { kind: "format", format: "xgboost" };
const LIGHTNING: MetricReading = { kind: "file", file: "{dir}/metrics.csv", format: "lightning-csv" };
const LIGHTGBM: MetricReading = { kind: "format", format: "lightgbm" };

// What a study may say besides is tried with real programs in tests/own-snapshots.test.ts.
it.each([
  ["xgboost counts from 0, and so do the names of its models", XGBOOST, undefined, 2],
  ["Lightning too", LIGHTNING, undefined, 2],
  ["lightgbm counts from 1", LIGHTGBM, undefined, 1],
  ["a program counts from 0 if its study says so", { kind: "lines" }, 0, 2],
] as const)("%s", async (_, metrics, firstStep, step) => {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-own-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const snapshot = { path: "{dir}/model_{step}.bin", wait: 1 };
  const own = await watchOwnSnapshots(
    { snapshot, folder, metrics, ...(firstStep === undefined ? {} : { firstStep }) },
    {
      study: "s",
      trial: 0,
      attempt: 1,
      params: {},
      seed: 1,
      maxSteps: 5,
      folder,
      resume: undefined,
      timeout: undefined,
    },
    new AbortController().signal,
  );
  own?.reported(1);
  own?.reported(2);
  writeFileSync(join(folder, "model_1.bin"), "a model");
  const handedIn: number[] = [];
  await own?.handIn(
    {
      told: undefined,
      report: async () => "continue",
      snapshot: async (saved) => {
        handedIn.push(saved);
      },
      note: () => {},
      close: async () => {},
    },
    false,
  );
  expect(handedIn).toEqual([step]);
});
