import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../../tests/support/command-line.js";
import { CurvewiseError } from "../../core/errors.js";
import type { BatchJob, BatchSystem } from "../batch-system.js";
import { askForWorkers, readFleet } from "./fleet-file.js";
import { createWorkerFleet, type WorkerFleetOptions } from "./worker-fleet.js";

/** A batch system in memory: jobs run at once, and end when they are cancelled. */
function memoryBatch() {
  const running = new Set<string>();
  const orders: string[] = [];
  let submissions = 0;
  const system: BatchSystem = {
    name: "Memory",
    settling: 0,
    submit: async (count) => {
      orders.push(`submit ${count}`);
      return Array.from({ length: count }, () => {
        const id = `j${(submissions += 1)}`;
        running.add(id);
        return { id, workers: 1 };
      });
    },
    list: async () => [...running].map((id): BatchJob => ({ id, state: "running", host: "n1" })),
    cancel: async (ids, how) => {
      orders.push(`cancel ${ids.join(" ")} ${how}`);
      for (const id of ids) running.delete(id);
    },
    logOf: () => undefined,
  };
  return { system, running, orders };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

/** Starts a fleet; it ends when the test does. */
function startFleet(batch: BatchSystem, options: Partial<WorkerFleetOptions> = {}) {
  const { folder = temporaryFolder() } = options;
  const log: string[] = [];
  const [settled, killed] = [new AbortController(), new AbortController()];
  const fleet = createWorkerFleet({
    launcher: "memory",
    folder,
    workers: 2,
    batchFor: () => batch,
    log: (message) => log.push(message),
    ...options,
  });
  const result = fleet.run({
    settled: settled.signal,
    hasMore: () => true,
    killed: killed.signal,
  });
  result.catch(() => {});
  onTestFinished(async () => {
    killed.abort();
    await result.catch(() => {});
  });
  return { folder, log, settled, killed, result };
}

describe("a fleet of workers", () => {
  it("hands in, follows the number that is asked for, and leaves nothing behind", async () => {
    const { system, running, orders } = memoryBatch();
    const { folder, log, settled, result } = startFleet(system);
    await until(() => running.size === 2);
    await askForWorkers(folder, 3);
    await until(() => running.size === 3);
    await askForWorkers(folder, 1);
    await until(() => running.size === 1);
    await until(async () => (await readFleet(folder))?.jobs.length === 1);
    expect(await readFleet(folder)).toMatchObject({ wanted: 1, jobs: [{ id: "j1", state: "running" }] });
    settled.abort();
    await result;
    expect(running.size).toBe(0);
    expect(orders).toEqual(["submit 2", "submit 1", "cancel j3 j2 gently", "cancel j1 at once"]);
    expect(log).toEqual([
      "2 workers handed to Memory",
      "3 workers wanted from now on, 2 before",
      "1 worker handed to Memory",
      "1 worker wanted from now on, 3 before",
      "2 workers too many: asked to end",
    ]);
    expect(await readFleet(folder)).toBeUndefined();
  });

  it("is taken over where another coordinator could not cancel its jobs", async () => {
    const { system, running, orders } = memoryBatch();
    let isSilent = false;
    const silent = async (): Promise<never> => {
      throw new CurvewiseError("BATCH_UNREACHABLE", "Memory does not answer");
    };
    const first = startFleet({
      ...system,
      list: (ids) => (isSilent ? silent() : system.list(ids)),
    });
    await until(() => first.log.length > 0);
    isSilent = true;
    first.killed.abort();
    await first.result;
    expect(first.log.at(-1)).toBe("these jobs of Memory could not be cancelled: j1 j2");
    const second = startFleet(system, { folder: first.folder });
    await until(() => second.log.length > 0);
    expect(second.log).toEqual(["2 workers of an earlier run in Memory are taken over"]);
    second.settled.abort();
    await second.result;
    expect(running.size).toBe(0);
    expect(orders).toEqual(["submit 2", "cancel j1 j2 at once"]);
  });

  it("works on where its file cannot be written for a while, and tells of it once", async () => {
    const { system, running } = memoryBatch();
    const folder = temporaryFolder();
    const inTheWay = join(folder, `fleet.json.${process.pid}`);
    const { log, settled, result } = startFleet(
      {
        ...system,
        submit: async (count) => {
          mkdirSync(inTheWay, { recursive: true });
          return system.submit(count);
        },
      },
      { folder },
    );
    await until(() => running.size === 2);
    await askForWorkers(folder, 3);
    await until(() => running.size === 3);
    expect((await readFleet(folder))?.jobs, "the record of the beginning").toEqual([]);
    rmSync(inTheWay, { recursive: true });
    await until(async () => (await readFleet(folder))?.jobs.length === 3);
    settled.abort();
    await result;
    expect(running.size).toBe(0);
    expect(log).toEqual([
      "2 workers handed to Memory",
      expect.stringMatching(/fleet\.json cannot be written: .*; the study goes on, and it is tried again$/),
      "3 workers wanted from now on, 2 before",
      "1 worker handed to Memory",
    ]);
    expect(existsSync(join(folder, "fleet.json"))).toBe(false);
  });

  it("hands in nothing where the name of its jobs cannot be recorded", async () => {
    const { system, orders } = memoryBatch();
    const folder = temporaryFolder();
    mkdirSync(join(folder, `fleet.json.${process.pid}`));
    const { result } = startFleet(system, { folder });
    await expect(result).rejects.toMatchObject({ code: "FLEET_FAILED" });
    expect(orders).toEqual([]);
  });

  it("fails by the first refusal, and by workers that cannot begin", async () => {
    const { system } = memoryBatch();
    const refused = startFleet({
      ...system,
      submit: async () => {
        throw new CurvewiseError("BATCH_REFUSED", "no such partition");
      },
    });
    await expect(refused.result).rejects.toMatchObject({ message: "no such partition" });
    const broken = startFleet({
      ...system,
      list: async () => {
        throw new TypeError("not a list");
      },
    });
    await expect(broken.result).rejects.toThrow("not a list");
    expect(broken.log).toEqual(["the workers' jobs could not be cancelled: not a list"]);
  });
});
