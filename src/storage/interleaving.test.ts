import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StudyEvent } from "../core/events.js";
import type { Storage } from "../core/storage.js";
import { ALICE, definitionOf, NOW, note, request } from "../testing/storage-contract/example-events.js";
import { notesOf } from "../testing/storage-contract/stored-log.js";
import { memoryStorage } from "./memory.js";
import { openSqlite } from "./sqlite.js";

const STUDIES = ["a", "b", "c"];
/** Keeps the studies of different runs apart. */
let round = 0;

/** One action of a program: append events to a study, or let the event loop turn. */
const deed = fc.oneof(
  fc.record({ study: fc.nat(STUDIES.length - 1), size: fc.nat(70) }),
  fc.constant("turn" as const),
);

type Deed = { readonly study: number; readonly size: number } | "turn";

/** What each study's log contains after the actions, and what it should contain. */
async function logsAfter(storage: Storage, deeds: readonly Deed[]) {
  round += 1;
  const names = STUDIES.map((study) => `${study} ${round}`);
  const leases = await Promise.all(
    names.map(async (study) => {
      await storage.createStudy(definitionOf(study), NOW);
      return storage.acquire(study, request(ALICE));
    }),
  );
  const expected = names.map((): string[] => []);
  const pending: Promise<void>[] = [];
  for (const [index, step] of deeds.entries()) {
    const lease = step === "turn" ? undefined : leases[step.study];
    if (step === "turn" || lease === undefined) {
      await nextTurn();
      continue;
    }
    const texts = Array.from({ length: step.size }, (_, part) => `${index}.${part}`);
    expected[step.study]?.push(...texts);
    pending.push(
      storage.append(
        lease,
        texts.map((text): StudyEvent => note(text)),
      ),
    );
  }
  await Promise.all(pending);
  const logs = await Promise.all(names.map((study) => notesOf(storage, study)));
  return { logs, expected };
}

/** Tries many interleavings on one storage. */
function tryMany(storage: Storage): Promise<void> {
  const property = fc.asyncProperty(fc.array(deed), async (deeds) => {
    const { logs, expected } = await logsAfter(storage, deeds);
    expect(logs).toEqual(expected);
  });
  return fc.assert(property);
}

describe("any interleaving of appends to several studies gives each its log in order", () => {
  it("in memory", async () => {
    const storage = memoryStorage();
    await expect(tryMany(storage)).resolves.toBeUndefined();
  });

  it("in SQLite", async () => {
    const folder = mkdtempSync(join(tmpdir(), "curvewise-interleaving-"));
    const storage = await openSqlite(join(folder, "curvewise.db"));
    try {
      await expect(tryMany(storage)).resolves.toBeUndefined();
    } finally {
      await storage.close();
      rmSync(folder, { recursive: true });
    }
  });
});
