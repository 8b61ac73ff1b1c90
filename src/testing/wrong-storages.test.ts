import { describe } from "vitest";
import type { StudyEvent } from "../core/events.js";
import type { Lease, LoggedEvent, Storage } from "../core/storage.js";
import { memoryStorage } from "../storage/memory.js";
import { type Examine, testRefusals, type Wrong } from "./refusals.js";
import { StorageBench, type StorageUnderTest } from "./storage-contract/storage-bench.js";
import { storageLaws } from "./storage-contract.js";

type Open = () => Promise<StorageUnderTest>;

/** A memory storage with one thing changed. */
const memoryBut =
  (change: (right: Storage) => Partial<Storage>): Open =>
  async () => {
    const right = memoryStorage();
    return { storage: { ...right, ...change(right) } };
  };

/** A memory storage whose studies survive closing, with one thing changed. */
const lastingBut =
  (change: (right: Storage) => Partial<Storage>): Open =>
  async () => {
    const right = memoryStorage();
    const storage: Storage = { ...right, close: async () => {}, ...change(right) };
    return { storage, reopen: async () => storage };
  };

const asJson = (event: StudyEvent): StudyEvent => JSON.parse(JSON.stringify(event));

async function eachInTurn<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  for (const item of items) await act(item);
}

async function logOf(storage: Storage, study: string): Promise<LoggedEvent[]> {
  const log: LoggedEvent[] = [];
  for await (const logged of storage.readEvents(study)) log.push(logged);
  return log;
}

const wrongs: readonly Wrong<Open>[] = [
  {
    what: "appends events one by one",
    law: "appending by many callers at once mixes calls, never their events",
    subject: memoryBut((right) => ({
      append: (lease, events) => eachInTurn(events, (event) => right.append(lease, [event])),
    })),
  },
  {
    what: "lets later appends overtake earlier ones",
    law: "appending keeps the order of calls that are not awaited",
    subject: memoryBut((right) => {
      let calls = 0;
      return {
        append: async (lease, events) => {
          calls += 1;
          if (calls % 2 === 1) await Promise.resolve();
          await right.append(lease, events);
        },
      };
    }),
  },
  {
    what: "acknowledges events before they are stored",
    law: "closing commits what is pending",
    subject: lastingBut((right) => {
      const pending: (readonly [Lease, readonly StudyEvent[]])[] = [];
      const commit = (): Promise<void> =>
        eachInTurn(pending.splice(0), ([lease, events]) => right.append(lease, events));
      return {
        append: async (lease, events) => {
          pending.push([lease, events]);
          if (pending.length === 7) await commit();
        },
        close: async () => {
          pending.length = 0;
        },
      };
    }),
  },
  {
    what: "loses NaN and the infinities",
    law: "appending keeps NaN and infinities in metrics and explanations",
    subject: memoryBut((right) => ({
      append: (lease, events) => right.append(lease, events.map(asJson)),
    })),
  },
  {
    what: "lets a lost lease append",
    law: "leases that were lost append, renew and write nothing",
    subject: memoryBut((right) => {
      const newest = new Map<string, Lease>();
      return {
        acquire: async (study, request) => {
          const lease = await right.acquire(study, request);
          newest.set(study, lease);
          return lease;
        },
        append: (lease, events) => right.append(newest.get(lease.study) ?? lease, events),
      };
    }),
  },
  {
    what: "keeps part of an append that it refuses",
    law: "leases that were lost do not affect valid ones, even when both append at once",
    subject: memoryBut((right) => {
      const newest = new Map<string, Lease>();
      return {
        acquire: async (study, request) => {
          const lease = await right.acquire(study, request);
          newest.set(study, lease);
          return lease;
        },
        append: async (lease, events) => {
          const good = newest.get(lease.study) ?? lease;
          await right.append(good, events.slice(0, 1));
          await right.append(lease, events.slice(1));
        },
      };
    }),
  },
  {
    what: "gives a study to two coordinators",
    law: "leases are refused while another one is valid, naming its host, process and time",
    subject: memoryBut((right) => ({
      acquire: (study, request) => right.acquire(study, { ...request, isGone: () => true }),
    })),
  },
  {
    what: "takes a study from a holder who may be asleep",
    law: "leases that expired are not free while their holder may come back",
    subject: memoryBut((right) => ({
      acquire: (study, request) => right.acquire(study, { ...request, onlyFree: false }),
    })),
  },
  {
    what: "never lets a lease expire",
    law: "leases pass on once they have expired, and not before",
    subject: memoryBut((right) => ({
      acquire: (study, request) => right.acquire(study, { ...request, duration: 1e15 }),
    })),
    saying: /is held by/,
  },
  {
    what: "does not extend leases",
    law: "leases live on when renewed",
    subject: memoryBut(() => ({ renew: async () => {} })),
  },
  {
    what: "reads the newest events first",
    law: "reading numbers events from 1 without gaps, however long the log",
    subject: memoryBut((right) => ({
      async *readEvents(study) {
        yield* (await logOf(right, study)).reverse();
      },
    })),
  },
  {
    what: "always reads from the beginning",
    law: "reading begins after any event",
    subject: memoryBut((right) => ({
      readEvents: (study, { trial } = {}) => right.readEvents(study, trial === undefined ? {} : { trial }),
    })),
  },
  {
    what: "reads the events of all trials",
    law: "reading can select the events of a trial",
    subject: memoryBut((right) => ({
      readEvents: (study, { after = 0 } = {}) => right.readEvents(study, { after }),
    })),
  },
  {
    what: "ends a log early when its study is deleted",
    law: "reading fails when the study is deleted meanwhile, rather than ending early",
    subject: memoryBut((right) => ({
      async *readEvents(study, range) {
        yield* await logOf(right, study).then((log) => log.slice(range?.after ?? 0));
      },
    })),
  },
  {
    what: "creates a study over an existing one",
    law: "studies cannot be created twice",
    subject: memoryBut((right) => ({
      createStudy: async (definition, now) => {
        const known = await right.listStudies(now);
        if (known.some(({ name }) => name === definition.name))
          await right.deleteStudy(definition.name, { now, isGone: () => true });
        await right.createStudy(definition, now);
      },
    })),
  },
  {
    what: "lists studies by name",
    law: "studies are listed in the order of creation",
    subject: memoryBut((right) => ({
      listStudies: async (now) =>
        (await right.listStudies(now)).toSorted((a, b) => a.name.localeCompare(b.name)),
    })),
  },
  {
    what: "ignores the case of letters",
    law: "studies are told apart by every character of their names",
    subject: memoryBut((right) => ({
      createStudy: (definition, now) =>
        right.createStudy({ ...definition, name: definition.name.toLowerCase() }, now),
      acquire: (study, request) => right.acquire(study.toLowerCase(), request),
    })),
    saying: /größe/,
  },
  {
    what: "deletes a study that someone holds",
    law: "deletion is refused while someone holds the study",
    subject: memoryBut((right) => ({
      deleteStudy: (study, request) => right.deleteStudy(study, { ...request, isGone: () => true }),
    })),
  },
  {
    what: "accepts an image of more events than there are",
    law: "images cannot cover events that the log does not have",
    subject: memoryBut((right) => ({
      writeImage: (lease, image) => right.writeImage(lease, { ...image, events: 1 }),
    })),
  },
  {
    what: "gives the newest request first",
    law: "requests of every kind are kept as they are, with their times and in order",
    subject: memoryBut((right) => ({
      listRequests: async (study) => (await right.listRequests(study)).toReversed(),
    })),
  },
  {
    what: "puts requests into the log",
    law: "requests need no lease, and change neither the log nor who holds the study",
    subject: memoryBut((right) => {
      let newest: Lease | undefined;
      return {
        acquire: async (study, request) => {
          newest = await right.acquire(study, request);
          return newest;
        },
        addRequest: async (study, request, now) => {
          if (newest !== undefined)
            await right.append(newest, [{ type: "note", code: "ASKED", message: request.by, time: now }]);
          return right.addRequest(study, request, now);
        },
      };
    }),
  },
  {
    what: "keeps requests that were carried out",
    law: "requests go with the events that carry them out, those before them too, and no others",
    subject: memoryBut((right) => ({ append: (lease, events) => right.append(lease, events) })),
  },
  {
    what: "removes requests before their events are accepted",
    law: "requests stay if the append that carries them out is refused",
    subject: memoryBut((right) => {
      const gone = new Set<number>();
      return {
        append: (lease, events, answered = 0) => {
          gone.add(answered);
          return right.append(lease, events, answered);
        },
        listRequests: async (study) =>
          (await right.listRequests(study)).filter(({ number }) => !gone.has(number)),
      };
    }),
  },
  {
    what: "gives requests of the same moment the same number",
    law: "requests of many at once are all kept, each under its own number",
    subject: memoryBut((right) => ({
      addRequest: async (study, request, now) => {
        await right.addRequest(study, request, now);
        return now;
      },
    })),
  },
  {
    what: "takes requests for studies that are not there",
    law: "requests belong to a study that exists, and go with it",
    subject: memoryBut((right) => ({
      addRequest: async (study, request, now) => {
        const known = await right.listStudies(now);
        return known.some(({ name }) => name === study) ? right.addRequest(study, request, now) : 0;
      },
    })),
  },
  {
    what: "keeps working after it was closed",
    law: "closing ends the use of the storage with a clear error",
    subject: memoryBut(() => ({ close: async () => {} })),
  },
];

const examine: Examine<Open, StorageBench> = async (open, check) => {
  const bench = new StorageBench(open);
  await bench.setUp();
  try {
    await check(bench);
  } finally {
    await bench.tearDown();
  }
};

describe("the contract of storages refuses one that", () => {
  testRefusals(storageLaws, wrongs, examine);
});
