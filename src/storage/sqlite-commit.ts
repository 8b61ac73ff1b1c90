import { setTimeout as pause } from "node:timers/promises";
import type Database from "libsql";
import { isCurvewiseError } from "../core/errors.js";
import type { Lease } from "../core/storage.js";
import { ChangeQueue } from "./change-queue.js";
import type { EventRow } from "./event-rows.js";
import { isBusy } from "./sqlite-errors.js";

/** How long a change waits for other processes that lock the database, in milliseconds. */
const PATIENCE = 30_000;
/** Milliseconds between retries. */
const RETRY_DELAY = 5;

/** A change waiting for the next commit. */
interface AnyChange {
  /** Changes of one study depend on those before them. */
  readonly study: string;
  /** Makes the change inside a transaction; returns a function that tells the caller, once it is durable. */
  readonly make: () => () => void;
  readonly refuse: (error: unknown) => void;
}

/** Events waiting for the next commit. */
interface Append {
  readonly study: string;
  readonly lease: Lease;
  readonly rows: readonly EventRow[];
  /** The last request that the events carry out; 0: none. */
  readonly answered: number;
  readonly resolve: () => void;
  readonly refuse: (error: unknown) => void;
}

type Change = AnyChange | Append;

/** What a {@link SqliteCommit} needs. */
export interface CommitOptions {
  readonly database: Database.Database;
  /** Throws if the database's file is gone. */
  readonly isPresent: () => void;
  /**
   * Adds events inside a transaction, and removes the requests that they carry out.
   *
   * @throws CurvewiseError `LEASE_LOST`, before writing anything
   */
  readonly addEvents: (lease: Lease, rows: readonly EventRow[], answered: number) => void;
}

/**
 * Commits changes in groups, one transaction each. Changes are made in the order of the calls, and a promise
 * resolves only once its change is durable.
 */
export class SqliteCommit {
  readonly #database: Database.Database;
  readonly #isPresent: () => void;
  readonly #addEvents: CommitOptions["addEvents"];
  readonly #queue = new ChangeQueue<Change>((take) => this.#commit(take));

  constructor({ database, isPresent, addEvents }: CommitOptions) {
    this.#database = database;
    this.#isPresent = isPresent;
    this.#addEvents = addEvents;
  }

  /**
   * Queues a change. It must check before it writes: a CurvewiseError thrown before its first write fails only this
   * change. It may run more than once, each time in a clean transaction.
   */
  change<Result>(study: string, make: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#queue.add({
        study,
        make: () => {
          const result = make();
          return () => resolve(result);
        },
        refuse: reject,
      });
    });
  }

  /** Queues events. Consecutive ones of the same lease are added together. */
  append(lease: Lease, rows: readonly EventRow[], answered: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.add({ study: lease.study, lease, rows, answered, resolve, refuse: reject });
    });
  }

  /** Resolves when nothing is waiting any more. */
  drained(): Promise<void> {
    return this.#queue.drained();
  }

  async #commit(take: () => Change[]): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      try {
        this.#isPresent();
        this.#database.exec("BEGIN IMMEDIATE");
        break;
      } catch (error) {
        if (!isBusy(error) || Date.now() > deadline) {
          for (const { refuse } of take()) refuse(error);
          return;
        }
        await pause(RETRY_DELAY);
      }
    }
    const group = take();
    try {
      this.#makeAndCommit(group);
    } catch {
      this.#oneByOne(group);
    }
  }

  /** Makes the changes in an open transaction and commits it; if the database fails, none of them remain. */
  #makeAndCommit(group: readonly Change[]): void {
    const answers: (() => void)[] = [];
    try {
      for (const part of parts(group)) {
        try {
          answers.push(this.#make(part));
        } catch (error) {
          if (!isCurvewiseError(error)) throw error;
          for (const { refuse } of part) answers.push(() => refuse(error));
        }
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
    for (const answer of answers) answer();
  }

  /** Makes one change, or the appends of one lease. */
  #make(part: Part): () => void {
    const [first] = part;
    if ("make" in first) return first.make();
    this.#addEvents(
      first.lease,
      part.flatMap((change) => ("rows" in change ? change.rows : [])),
      Math.max(...part.map((change) => ("rows" in change ? change.answered : 0))),
    );
    return () => {
      for (const change of part) if ("rows" in change) change.resolve();
    };
  }

  /**
   * After a group failed, makes each change in its own transaction, so that one that is too large for the disk does not
   * affect others. Changes after a failed one of the same study fail too: they rely on the log containing what came
   * before.
   */
  #oneByOne(group: readonly Change[]): void {
    const failed = new Map<string, unknown>();
    for (const change of group) {
      const earlier = failed.get(change.study);
      if (earlier !== undefined) {
        change.refuse(earlier);
        continue;
      }
      try {
        this.#database.exec("BEGIN IMMEDIATE");
        this.#makeAndCommit([change]);
      } catch (error) {
        failed.set(change.study, error);
        change.refuse(error);
      }
    }
  }
}

/** One change, or consecutive appends of one lease. */
type Part = readonly [Change, ...Append[]];

/**
 * Whether a change is an append under the same lease. The study is compared too, since a forged lease must be refused.
 */
const isUnder = ({ study, fence }: Lease, other: Change): boolean =>
  "lease" in other && other.lease.fence === fence && other.lease.study === study;

function* parts(changes: readonly Change[]): Generator<Part> {
  let part: [Change, ...Append[]] | undefined;
  for (const change of changes) {
    if (part !== undefined && "lease" in change && isUnder(change.lease, part[0])) part.push(change);
    else {
      if (part !== undefined) yield part;
      part = [change];
    }
  }
  if (part !== undefined) yield part;
}
