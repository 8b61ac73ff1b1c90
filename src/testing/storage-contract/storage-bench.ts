import type { Lease, Storage } from "../../core/storage.js";
import { ALICE, definitionOf, NOW, request } from "./example-events.js";

/** What `storageContract` tests: a storage without studies. */
export interface StorageUnderTest {
  readonly storage: Storage;
  /** Opens the same data again after `storage` was closed; absent if nothing survives closing. */
  readonly reopen?: () => Promise<Storage>;
  /** Removes what the test left behind. Every storage is closed by then. */
  readonly cleanup?: () => Promise<void>;
}

/** Holds the storage of one test, which may close and reopen it. */
export class StorageBench {
  readonly #open: () => Promise<StorageUnderTest>;
  #under: StorageUnderTest | undefined;
  #storage: Storage | undefined;

  constructor(open: () => Promise<StorageUnderTest>) {
    this.#open = open;
  }

  /** The open storage. */
  get storage(): Storage {
    if (this.#storage === undefined) throw new Error("the test closed its storage");
    return this.#storage;
  }

  /** Whether studies survive closing. */
  get lasts(): boolean {
    return this.#under?.reopen !== undefined;
  }

  async setUp(): Promise<void> {
    this.#under = await this.#open();
    this.#storage = this.#under.storage;
  }

  async tearDown(): Promise<void> {
    await this.close();
    await this.#under?.cleanup?.();
  }

  async close(): Promise<void> {
    await this.#storage?.close();
    this.#storage = undefined;
  }

  /** Closes the storage and reopens it, if anything survives that. */
  async reopened(): Promise<Storage> {
    const reopen = this.#under?.reopen;
    if (reopen !== undefined) {
      await this.close();
      this.#storage = await reopen();
    }
    return this.storage;
  }

  /** Creates a study, which Alice takes. */
  async begun(study = "digits"): Promise<Lease> {
    await this.storage.createStudy(definitionOf(study), NOW);
    return this.storage.acquire(study, request(ALICE));
  }
}
