import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunningTrial } from "../launchers/running-trial.js";
import { createRandom } from "../math/random.js";
import { createStudy, float, pb2, pbt } from "./index.js";

const MAX_STEPS = 60;

interface Toy {
  readonly rate: number;
}

/** What a step gains: at most 1, at a best rate that falls from 0.16 to 6e-4 during the training. */
function gainAt(step: number, { rate }: Toy): number {
  const best = -0.8 - (2.4 * step) / MAX_STEPS;
  return Math.exp(-0.5 * ((Math.log10(rate) - best) / 0.5) ** 2);
}

/** Adds up gains, and reports their sum with some noise. */
async function train(trial: RunningTrial<Toy>): Promise<void> {
  const load = async (): Promise<{ step: number; sum: number }> =>
    trial.resume === undefined ? { step: 0, sum: 0 } : JSON.parse(await readFile(trial.resume.path, "utf8"));
  let { step, sum } = await load();
  while (step < MAX_STEPS) {
    step += 1;
    sum += gainAt(step, trial.params);
    const noise = 0.1 * createRandom(trial.seed, step, 0).normal();
    const action = await trial.report(step, { sum: sum + noise }, { exploit: true });
    if (action === "stop") return;
    if (action === "exploit") {
      ({ step, sum } = await load());
      continue;
    }
    if (action === "pause" || step % (trial.snapshotEvery ?? MAX_STEPS) === 0) {
      const file = `s${step}.json`;
      await writeFile(join(trial.folder, file), JSON.stringify({ step, sum }));
      await trial.snapshot(step, file);
    }
    if (action === "pause") return;
  }
}

describe("population based bandits, in a study that runs", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "bandits-test-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** The best sum that 4 members reach; with one worker, everything happens in the same order every time. */
  const reached = async (scheduler: ReturnType<typeof pbt>, seed: number): Promise<number> => {
    const study = createStudy({
      name: `${scheduler.name}-${seed}`,
      goal: { maximize: "sum" },
      space: { rate: float(1e-4, 1, { log: true }) },
      maxSteps: MAX_STEPS,
      scheduler,
      seed,
      folder: join(folder, `${scheduler.name}-${seed}`),
    });
    const { value } = await study.run(train, { workers: 1 });
    return value;
  };

  it("follows a best rate that falls better than population based training does, with 4 members", async () => {
    const seeds = Array.from({ length: 10 }, (_, seed) => seed);
    const sums: { readonly bandit: number; readonly perturbed: number }[] = [];
    for (const seed of seeds) {
      const bandit = await reached(pb2({ interval: 5 }), seed);
      sums.push({ bandit, perturbed: await reached(pbt({ population: 4, interval: 5 }), seed) });
    }
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const bandits = sums.map(({ bandit }) => bandit);
    expect(mean(bandits)).toBeGreaterThan(mean(sums.map(({ perturbed }) => perturbed)) + 10);
    expect(sums.filter(({ bandit, perturbed }) => bandit > perturbed).length).toBeGreaterThanOrEqual(9);
    expect(Math.max(...bandits)).toBeLessThan(MAX_STEPS + 1);
  });
});
