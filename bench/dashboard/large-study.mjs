import { setTimeout as sleep } from "node:timers/promises";
import { choice, float, int } from "../../dist/core/param.js";
import { createRandom } from "../../dist/math/random.js";
import { openStorage } from "../../dist/storage/index.js";

/** Events that are appended at a time. */
const PAGE = 20_000;

/** A made-up training, which falls towards an end that depends on the params. */
function* trainingOf(trial, points) {
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
  yield { type: "trial-asked", trial, params, seed: trial, sampler: "random" };
  yield { type: "attempt-started", trial, attempt: 1, worker: `w${trial % 8}`, fromStep: 0 };
  for (let step = 1; step <= points; step++) {
    const loss = end + 2 / step + 0.02 * random.uniform();
    yield { type: "reported", trial, attempt: 1, step, metrics: { loss } };
  }
  yield { type: "finished", trial, attempt: 1, state: "complete" };
}

async function takeStudy(storage, name) {
  const holder = { host: "bench", pid: 1, started: "" };
  return storage.acquire(name, { holder, now: 1, duration: 1e9, isGone: () => true });
}

/** Writes a study of made-up curves. */
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
    goal: { metric: "loss", direction: "minimize", of: "last" },
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
  const lease = await takeStudy(storage, name);
  let time = 1000;
  let events = [];
  for (let trial = 0; trial < trials; trial++) {
    for (const event of trainingOf(trial, points)) events.push({ ...event, time: time++ });
    if (events.length < PAGE) continue;
    await storage.append(lease, events);
    events = [];
  }
  await storage.append(lease, events);
  await storage.release(lease);
  await storage.close();
}

/** Goes on with such a study at a steady pace, one training after another, until it is told to end. */
export async function growStudy(file, name, { trials, points, pause, signal }) {
  const storage = await openStorage(file);
  const lease = await takeStudy(storage, name);
  let reports = 0;
  for (let trial = trials; !signal.aborted; trial++) {
    for (const event of trainingOf(trial, points)) {
      await storage.append(lease, [{ ...event, time: Date.now() }]);
      if (event.type === "reported") reports++;
      await sleep(pause, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
    }
  }
  await storage.release(lease);
  await storage.close();
  return reports;
}
