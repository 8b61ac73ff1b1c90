// Starts one of the demo's searches as a program of its own.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The training steps of each search: as many as 20 complete trainings have. */
export const STEPS = 320;

/**
 * Runs a search to its end; see search.mjs. `onStep` gets the number of steps so far.
 *
 * @returns what the search printed last: its best network, and what it cost
 */
export async function startSearch({ name, seed, steps, storage, folder }, onStep = () => {}) {
  const script = join(import.meta.dirname, "search.mjs");
  const words = ["--seed", String(seed), "--steps", String(steps), "--storage", storage, "--folder", folder];
  const child = spawn(process.execPath, [script, name, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
  let last = {};
  for await (const line of createInterface({ input: child.stdout })) {
    last = JSON.parse(line);
    if (last.best === undefined) onStep(last.steps);
  }
  const end = await ended;
  if (end !== 0 || last.best === undefined) {
    const how = typeof end === "string" ? `was ended by ${end}` : `ended with exit code ${end}`;
    throw new Error(`the search "${name}" with seed ${seed} ${how}; what it says is above`);
  }
  return last;
}
