// What population based training costs a training at an exploit: the decision, and copying the parent's snapshot.
//   node bench/pbt.mjs            tables
//   node bench/pbt.mjs --json     the last line is {decisions: [{members, ...}], copies: [{bytes, ...}]}
// Decisions: simulated members of a population of 16, 256 and 4,096 report step after step, with a snapshot at every
// interval; each decision of the scheduler is timed, exploits separately, and exploits are carried out in the study
// (without files). Copies: the engine's own code copies and verifies a snapshot and records the exploit in SQLite,
// compared with a plain copy and a SHA-256 of the same file in the same run.
import { createHash, randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { float } from "../dist/core/param.js";
import { createSearchSpace } from "../dist/core/search-space.js";
import { applyEvent, beginStudy } from "../dist/core/study-fold.js";
import { carryOutExploit } from "../dist/engine/exploit.js";
import { createRecorder } from "../dist/engine/recorder.js";
import { pbt } from "../dist/schedulers/index.js";
import { openStorage } from "../dist/storage/index.js";
import { keep, median } from "./machine.mjs";

const INTERVALS = 20;
const MEMBERS = [16, 256, 4096];
const SIZES = [100_000, 1_000_000, 10_000_000, 100_000_000];
const goal = { metric: "loss", direction: "minimize", of: "last" };
const space = createSearchSpace({ lr: float(1e-4, 1, { log: true }) });

const definition = (members) => ({
  name: "bench",
  goal,
  space: space.params,
  constraints: [],
  maxSteps: INTERVALS + 1,
  sampler: { name: "random", options: {} },
  scheduler: { name: "pbt", options: {} },
  budget: { trials: members },
  seed: 1,
  retries: 0,
});

const quantileOf = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;

/** A population whose members all train and report in turn; calls `decided` with each decision and its milliseconds. */
function simulate(members, decided) {
  const scheduler = pbt({ population: members, interval: 1, resample: 0 }).create({
    goal,
    maxSteps: INTERVALS + 1,
    seed: 1,
    space,
  });
  const study = beginStudy({ type: "study-created", definition: definition(members), time: 0 });
  const push = (event) => {
    applyEvent(study, { ...event, time: study.events });
    scheduler.observe(event, study);
  };
  scheduler.restore(study);
  for (let trial = 0; trial < members; trial++) {
    const params = { lr: 10 ** (-4 + (4 * trial) / members) };
    push({ type: "trial-asked", trial, params, seed: trial, sampler: "random" });
    push({ type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 });
  }
  for (let step = 1; step <= INTERVALS; step++) {
    for (const { number: trial } of study.trials) {
      const { params } = study.trials[trial];
      const loss =
        Math.abs(Math.log10(params.lr) + 1 + step / INTERVALS) + 1 / step + ((trial * 7919) % 101) / 1e4;
      push({ type: "reported", trial, attempt: 1, step, metrics: { loss } });
      const start = performance.now();
      const decision = scheduler.decide(study.trials[trial], step, study);
      decided(decision, performance.now() - start);
      if (decision.action === "exploit") {
        const { parent, snapshot, value, params: given } = decision.exploit;
        const { action, explanation, exploit } = decision;
        push({ type: "decided", trial, attempt: 1, step, action, explanation, exploit });
        const copy = { step: snapshot.step, path: `t${trial}/i${step}`, digest: snapshot.digest };
        push({ type: "exploited", trial, parent, value, params: given, ...copy });
        // The copied model is a step older: the member trains it until it catches up with the others.
        if (copy.step < step) push({ type: "reported", trial, attempt: 1, step, metrics: { loss } });
      }
      const saved = { step, path: `t${trial}/s${step}`, digest: "00", bytes: 1 };
      push({ type: "snapshot-saved", trial, attempt: 1, ...saved });
    }
  }
}

function measureDecisions(members) {
  const exploits = [];
  const others = [];
  simulate(members, ({ action }, milliseconds) => {
    (action === "exploit" ? exploits : others).push(milliseconds);
  });
  return {
    members,
    decisions: exploits.length + others.length,
    exploits: exploits.length,
    exploitMs: median(exploits),
    exploitMs99: quantileOf(exploits, 0.99),
    otherMs: median(others),
  };
}

async function measureCopies(folder, bytes, times) {
  const storage = await openStorage(join(folder, `bench-${bytes}.db`));
  const created = { type: "study-created", definition: definition(2), time: 0 };
  await storage.createStudy(created.definition, 0);
  const lease = await storage.acquire("bench", {
    holder: { host: "bench", pid: process.pid, started: "now" },
    now: 0,
    duration: 1e9,
    isGone: () => true,
  });
  const study = beginStudy(created);
  const recorder = createRecorder({
    storage,
    lease,
    study,
    now: () => 1,
    imaged: 0,
    onEvent() {},
    onBroken() {},
  });
  const content = randomBytes(bytes);
  const digest = createHash("sha256").update(content).digest("hex");
  const source = "trial-1/model.bin";
  mkdirSync(dirname(join(folder, source)), { recursive: true });
  writeFileSync(join(folder, source), content);
  for (const trial of [0, 1]) {
    await recorder.record(
      { type: "trial-asked", trial, params: { lr: 0.1 }, seed: 0, sampler: "random" },
      { type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 },
      { type: "reported", trial, attempt: 1, step: 1, metrics: { loss: 1 } },
    );
  }
  const place = { step: 1, path: source, digest };
  await recorder.record({ type: "snapshot-saved", trial: 1, attempt: 1, bytes, ...place });
  const exploit = { parent: 1, snapshot: place, value: 1, params: { lr: 0.2 } };
  const explanation = { rule: "bench", reason: "Bench.", values: {} };
  const decided = { type: "decided", trial: 0, attempt: 1, step: 1, action: "exploit", explanation, exploit };
  const [ours, plain, hashing] = [[], [], []];
  for (let time = 0; time < times; time++) {
    await recorder.record(decided);
    let start = performance.now();
    const inherited = await carryOutExploit({ study, recorder, folder }, study.trials[0]);
    ours.push(performance.now() - start);
    if (inherited === undefined) throw new Error("the exploit failed");
    start = performance.now();
    copyFileSync(join(folder, source), join(folder, "plain.bin"));
    plain.push(performance.now() - start);
    start = performance.now();
    createHash("sha256")
      .update(readFileSync(join(folder, "plain.bin")))
      .digest();
    hashing.push(performance.now() - start);
  }
  await storage.close();
  const [copyMs, plainMs, hashMs] = [ours, plain, hashing].map(median);
  return { bytes, times, copyMs, plainMs, hashMs, ratio: copyMs / (plainMs + hashMs) };
}

simulate(16, () => {});
const decisions = MEMBERS.map(measureDecisions);
console.table(
  decisions.map((each) => ({
    members: each.members,
    decisions: each.decisions,
    exploits: each.exploits,
    "ms an exploit": each.exploitMs.toFixed(3),
    "99 %": each.exploitMs99.toFixed(3),
    "ms otherwise": each.otherMs.toFixed(3),
  })),
);
const folder = mkdtempSync(join(tmpdir(), "curvewise-bench-"));
const copies = [];
try {
  for (const bytes of SIZES) copies.push(await measureCopies(folder, bytes, bytes > 10_000_000 ? 7 : 21));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.table(
  copies.map(({ bytes, copyMs, plainMs, hashMs, ratio }) => ({
    bytes,
    "ms to copy, verify, record": copyMs.toFixed(2),
    "ms of a plain copy": plainMs.toFixed(2),
    "ms of a SHA-256": hashMs.toFixed(2),
    ratio: ratio.toFixed(2),
  })),
);
keep("pbt", { decisions, copies });
