// Made the first eight studies of curvewise-0.1.0.sqlite3, run beside that version's package: node make-studies.mjs
import { choice, createStudy, float } from "curvewise";
import { curve, grid, random, regularizedEvolution } from "curvewise/samplers";
import { asha, hyperband, lcm, median } from "curvewise/schedulers";
import { openSqlite } from "curvewise/storage";

const storage = await openSqlite("curvewise-0.1.0.sqlite3");
const space = {
  lr: float(1e-4, 1, { log: true }),
  optimizer: choice(["sgd", "adam"]),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
};
const sleep = (t) => new Promise((r) => setTimeout(r, t));
const train = async (trial) => {
  const { lr, optimizer, momentum = 0.9 } = trial.params;
  const floor = Math.abs(Math.log10(lr) + 2) / 4 + (optimizer === "sgd" ? 0.1 * (1 - momentum) : 0.05);
  const speed = 1 + (trial.seed % 7);
  for (let step = 1; step <= 9; step++) {
    await sleep((trial.seed + step) % 3);
    if (trial.seed % 11 === 0 && step === 4) throw "out of memory";
    const loss =
      lr > 0.7 && step > 2 ? NaN : floor + 2 * Math.exp(-step / speed) + ((trial.seed * step) % 13) / 500;
    const metrics = step % 3 === 2 ? { accuracy: 1 / (1 + floor), loss } : { loss };
    if ((await trial.report(step, metrics)) !== "continue") return;
  }
};
const base = { goal: { minimize: "loss" }, space, maxSteps: 9, storage, retries: 1 };
const studies = {
  "lcm-curve": { sampler: curve(), scheduler: lcm(), trials: 40, workers: 4 },
  "lcm-stop": { sampler: random(), scheduler: lcm({ mode: "stop" }), trials: 40, workers: 3 },
  "lcm-poster": {
    sampler: random(),
    scheduler: lcm({ mode: "poster", accumulate: 5, checkpoints: [3, 6] }),
    trials: 30,
    workers: 2,
  },
  "asha-promotion": { sampler: random(), scheduler: asha({ eta: 3 }), trials: 40, workers: 4 },
  "asha-stopping": {
    sampler: regularizedEvolution({ population: 8, sample: 3 }),
    scheduler: asha({ type: "stopping", eta: 3 }),
    trials: 40,
    workers: 4,
  },
  hyperband: { sampler: random(), scheduler: hyperband({ eta: 3 }), trials: 40, workers: 4 },
  median: { sampler: grid({ levels: 3 }), scheduler: median({ startup: 3 }), trials: 18, workers: 2 },
};
for (const [name, { sampler, scheduler, trials, workers }] of Object.entries(studies)) {
  const study = createStudy({ ...base, name, sampler, scheduler, seed: name.length });
  try {
    const best = await study.run(train, { trials, workers, files: "./files", enqueue: [{ lr: 0.01 }] });
    console.log(name, best?.value);
  } catch (e) {
    console.log(name, String(e), e.hint);
  }
}
const second = createStudy({
  ...base,
  name: "lcm-transfer",
  sampler: random(),
  scheduler: lcm({ transfer: ["lcm-curve"] }),
  seed: 3,
});
console.log((await second.run(train, { trials: 15, workers: 2 }))?.value);
await storage.close();
