import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, expect } from "vitest";
import type { Storage } from "../../src/core/storage.js";
import { openStorage } from "../../src/storage/index.js";
import { curvewise } from "./command-in-process.js";
import { exportedTrial } from "./optuna-description.js";

/** A file of another tool. */
export const golden = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../interop/goldens/${name}`, import.meta.url)));

/** A folder with files of other tools, removed after the file's tests, and the commands that are given there. */
export function importFolder() {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-interop-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "golden.sqlite3"), gunzipSync(golden("optuna-5.0.0.sqlite3.gz")));
  writeFileSync(join(folder, "golden.journal"), golden("optuna-5.0.0.journal"));

  const output = async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr, code } = await curvewise(folder, ...args);
    expect({ stderr, code }).toEqual({ stderr, code: 0 });
    return stdout;
  };
  const refusal = async (...args: readonly string[]): Promise<{ code: number | null; text: string }> => {
    const { stdout, stderr, code } = await curvewise(folder, ...args);
    expect(stdout).toBe("");
    return { code, text: stderr.trimEnd() };
  };
  const withStorage = async <Result>(use: (storage: Storage) => Promise<Result>): Promise<Result> => {
    const storage = await openStorage(join(folder, "curvewise.db"));
    try {
      return await use(storage);
    } finally {
      await storage.close();
    }
  };
  const trialsOf = async (study: string, ...options: readonly string[]) => {
    const lines = (await output("export", study, ...options)).trimEnd().split("\n");
    return lines.map((line) => exportedTrial.parse(JSON.parse(line)));
  };
  /** Writes the folder of an experiment with one trial, as Ray Tune has it. */
  const writeExperiment = (name: string, result: string, params: unknown = { lr: 0.5 }): void => {
    const place = join(folder, name, "train_1");
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "params.json"), JSON.stringify(params));
    writeFileSync(join(place, "result.json"), result);
  };
  return { folder, output, refusal, withStorage, trialsOf, writeExperiment };
}
