import { choice, float, int } from "../../dist/core/param.js";
import { createRandom } from "../../dist/math/random.js";
import { openStorage } from "../../dist/storage/index.js";

/** Events that are appended at a time. */
const PAGE = 20_000;

/** Writes a study of made-up curves that fall towards an end that depends on the params. */
export async function writeLargeStudy(file, name, trials, points) {
  const storage = await openStorage(file);
  const space = {
    lr: float(1e-4, 1, { log: true }),
    momentum: float(0, 0.99),
    width: int(8, 512, { log: true }),
    depth: int(1, 8),
    optimizer: choice(["sgd", "adam", "rmsprop"]),
  };
  const definition = {
    name,
    goal: { metric: "loss", direction: "minimize" },
    space,
    constraints: [],
    maxSteps: points,
    sampler: { name: "random", options: {} },
    scheduler: { name: "asha", options: {} },
    budget: { trials },
    seed: 1,
    retries: 0,
  };
  await storage.createStudy(definition, 0);
  const holder = { host: "bench", pid: 1, started: "" };
  const lease = await storage.acquire(name, { holder, now: 1, duration: 1e9, isGone: () => true });
  let time = 1000;
  let events = [];
  for (let trial = 0; trial < trials; trial++) {
    const random = createRandom(1, trial, 1);
    const lr = 10 ** (-4 * random.uniform());
    const params = {
      lr,
      momentum: 0.99 * random.uniform(),
      width: Math.round(8 * 64 ** random.uniform()),
      depth: 1 + Math.floor(8 * random.uniform()),
      optimizer: ["sgd", "adam", "rmsprop"][Math.floor(3 * random.uniform())],
    };
    const end = 0.1 + 0.2 * Math.abs(Math.log10(lr) + 2) + 0.2 * random.uniform();
    events.push(
      { type: "trial-asked", time: time++, trial, params, seed: trial, sampler: "random" },
      { type: "attempt-started", time: time++, trial, attempt: 1, worker: `w${trial % 8}`, fromStep: 0 },
    );
    for (let step = 1; step <= points; step++) {
      const loss = end + 2 / step + 0.02 * random.uniform();
      events.push({ type: "reported", time: time++, trial, attempt: 1, step, metrics: { loss } });
    }
    events.push({ type: "finished", time: time++, trial, attempt: 1, state: "complete" });
    if (events.length < PAGE) continue;
    await storage.append(lease, events);
    events = [];
  }
  await storage.append(lease, events);
  await storage.release(lease);
  await storage.close();
}
