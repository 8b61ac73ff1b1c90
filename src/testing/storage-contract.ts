import { afterEach, beforeEach, describe } from "vitest";
import { type Law, testLaws } from "./laws.js";
import { appendingLaws } from "./storage-contract/appending.js";
import { imageLaws } from "./storage-contract/images.js";
import { leaseLaws } from "./storage-contract/leases.js";
import { readingLaws } from "./storage-contract/reading.js";
import { requestLaws } from "./storage-contract/requests.js";
import { StorageBench, type StorageUnderTest } from "./storage-contract/storage-bench.js";
import { studyLaws } from "./storage-contract/studies.js";

export type { StorageUnderTest } from "./storage-contract/storage-bench.js";

/** All laws for storages. */
export const storageLaws: readonly Law<StorageBench>[] = [
  ...studyLaws,
  ...leaseLaws,
  ...appendingLaws,
  ...readingLaws,
  ...imageLaws,
  ...requestLaws,
];

/**
 * Checks everything that the port `Storage` promises, as vitest tests. Call it at the top level of a test file:
 *
 * @example
 * storageContract("memory", async () => ({ storage: memoryStorage() }));
 */
export function storageContract(name: string, open: () => Promise<StorageUnderTest>): void {
  describe(`${name} keeps the contract of a storage`, () => {
    const bench = new StorageBench(open);
    beforeEach(() => bench.setUp());
    afterEach(() => bench.tearDown());
    testLaws(bench, storageLaws);
  });
}
