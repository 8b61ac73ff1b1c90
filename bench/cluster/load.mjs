// The first part: simulated workers that report at a given rate, all connected to one coordinator with SQLite.
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openSqlite } from "../../dist/storage/index.js";
import { machineTime, startCoordinator } from "./coordinator.mjs";

/** Steps of a complete training. */
const MAX_STEPS = 100;
/** How many sockets use one local address: fewer than there are ports. */
const SOCKETS_PER_ADDRESS = 20_000;
/** Seconds for the coordinator's garbage collector to settle before its memory is read. */
const REST = 2;

const studyOf = (name, scheduler) => ({
  study: name,
  goal: { minimize: "loss" },
  command: ["true"],
  space: { lr: { float: [1e-4, 1], log: true }, momentum: { float: [0, 0.99] } },
  maxSteps: MAX_STEPS,
  sampler: "random",
  scheduler,
  budget: { trials: 100_000_000 },
  seed: 1,
});

async function startFleet() {
  const child = fork(join(import.meta.dirname, "fleet.mjs"), { execArgv: ["--max-old-space-size=4096"] });
  const closed = once(child, "exit");
  return {
    do: async (command, options = {}) => {
      child.send({ command, ...options });
      const [message] = await Promise.race([
        once(child, "message"),
        closed.then(() => [{ error: "the generator ended" }]),
      ]);
      if (message.error !== undefined) throw new Error(message.error);
      return message.result;
    },
    end: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** Compares the log, read after the coordinator was killed, with the answers that workers got. */
async function verify(storage, study, file) {
  const bytes = readFileSync(file);
  const places = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const missing = new Set();
  for (let at = 0; at < places.length; at += 3)
    missing.add(`${places[at]}/${places[at + 1]}/${places[at + 2]}`);
  const acknowledged = missing.size;
  const twiceAcknowledged = places.length / 3 - acknowledged;
  let recorded = 0;
  let events = 0;
  let unknown = 0;
  const database = await openSqlite(storage, { readOnly: true });
  try {
    for await (const { event } of database.readEvents(study)) {
      events += 1;
      if (event.type !== "reported" && event.type !== "reported-late") continue;
      recorded += 1;
      if (!missing.delete(`${event.trial}/${event.attempt}/${event.step}`)) unknown += 1;
    }
  } finally {
    await database.close();
  }
  return { events, acknowledged, recorded, lost: missing.size, doubled: unknown + twiceAcknowledged };
}

/**
 * Measures one fleet of workers, from the first connection until the coordinator is killed.
 *
 * @param label part of the study's name
 * @param rules the scheduler, as in study.yaml
 * @param rate total reports per second; undefined: as many as possible
 */
export async function measureFleet({
  folder,
  label,
  scheduler,
  rules,
  workers,
  rate,
  warmup,
  seconds,
  profile,
}) {
  const study = `load-${label}`;
  const home = join(folder, study);
  const coordinator = await startCoordinator({ folder: home, study: studyOf(study, rules), profile });
  const fleet = await startFleet();
  let killed = false;
  try {
    await sleep(REST * 1000);
    const before = coordinator.memory();
    // Binding an address is expensive for the kernel, so it is done only if one address has too few ports.
    const addresses =
      workers <= SOCKETS_PER_ADDRESS
        ? [undefined]
        : Array.from({ length: Math.ceil(workers / SOCKETS_PER_ADDRESS) }, (_, at) => `127.0.0.${at + 1}`);
    const { url, token } = coordinator;
    const connected = await fleet.do("connect", { url, token, first: 0, count: workers, addresses });
    await sleep(REST * 1000);
    const after = coordinator.memory();
    const begun = await fleet.do("begin", { maxSteps: MAX_STEPS });
    if (warmup > 0) await fleet.do("load", { rate, seconds: warmup });
    const used = coordinator.processorTime();
    const machineUsed = machineTime();
    const loaded = await fleet.do("load", { rate, seconds });
    const processorTime = coordinator.processorTime() - used;
    const others = machineTime() - machineUsed - processorTime - loaded.processorTime;
    const answered = await fleet.do("settle");
    const atEnd = coordinator.memory();
    const file = join(home, "acknowledged");
    await fleet.do("kept", { file });
    await coordinator.kill();
    killed = true;
    const log = await verify(coordinator.storage, study, file);
    return {
      scheduler,
      workers,
      demanded: rate,
      seconds: loaded.seconds,
      reportsPerSecond: loaded.within / loaded.seconds,
      report: answered.reports,
      end: answered.ends,
      ask: answered.asks,
      decisions: answered.decisions,
      connectSeconds: connected.seconds,
      firstTrialsSeconds: begun.seconds,
      kibPerWorker: (after - before) / workers / 1024,
      mibBefore: before / 2 ** 20,
      mibAfter: after / 2 ** 20,
      mibAtEnd: atEnd / 2 ** 20,
      coordinatorCores: processorTime / loaded.seconds,
      generatorCores: loaded.processorTime / loaded.seconds,
      otherCores: others / loaded.seconds,
      log,
    };
  } catch (error) {
    throw new Error(`${error.message}\n${coordinator.said()}`, { cause: error });
  } finally {
    await fleet.end();
    if (!killed) await coordinator.kill();
    rmSync(home, { recursive: true, force: true });
  }
}
