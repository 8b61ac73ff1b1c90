import { afterEach, beforeEach, describe } from "vitest";
import { CONTRACT_TIMEOUT } from "./contract-timeout.js";
import { checkAppending } from "./storage-contract/appending.js";
import { checkImages } from "./storage-contract/images.js";
import { checkLeases } from "./storage-contract/leases.js";
import { checkReading } from "./storage-contract/reading.js";
import { StorageBench, type StorageUnderTest } from "./storage-contract/storage-bench.js";
import { checkStudies } from "./storage-contract/studies.js";

export type { StorageUnderTest } from "./storage-contract/storage-bench.js";

/**
 * Checks everything that the port `Storage` promises, as tests of vitest. Call it at the top level of a test file:
 *
 * @example
 * storageContract("memory", async () => ({ storage: memoryStorage() }));
 */
export function storageContract(name: string, open: () => Promise<StorageUnderTest>): void {
  describe(`${name} keeps the contract of a storage`, { timeout: CONTRACT_TIMEOUT }, () => {
    const bench = new StorageBench(open);
    beforeEach(() => bench.setUp());
    afterEach(() => bench.tearDown());

    checkStudies(bench);
    checkLeases(bench);
    checkAppending(bench);
    checkReading(bench);
    checkImages(bench);
  });
}
