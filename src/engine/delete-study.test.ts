import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryStorage } from "../storage/memory.js";
import { ALICE, definitionOf, NOW, request } from "../testing/storage-contract/example-events.js";
import { deleteStudy, finishDeletion } from "./delete-study.js";
import { moveAside, recoverFolder } from "./study-folder.js";

let files: string;
let folder: string;

beforeEach(() => {
  files = mkdtempSync(join(tmpdir(), "curvewise-delete-"));
  folder = join(files, "digits");
  fill("snapshot");
});
afterEach(() => rmSync(files, { recursive: true, force: true }));

/** Puts a file into the study's folder. */
function fill(text: string): void {
  mkdirSync(join(folder, "trial-0"), { recursive: true });
  writeFileSync(join(folder, "trial-0", text), text);
}

describe("deleteStudy", () => {
  it("removes the study and its folder, and nothing of a study whose name begins the same", async () => {
    const storage = memoryStorage();
    await storage.createStudy(definitionOf("digits"), NOW);
    await storage.createStudy(definitionOf("digits-2"), NOW);
    mkdirSync(join(files, "digits-2"));
    await deleteStudy({ storage, study: "digits", folder });
    expect((await storage.listStudies(NOW)).map(({ name }) => name)).toEqual(["digits-2"]);
    expect(readdirSync(files)).toEqual(["digits-2"]);
  });

  it("leaves the folder of a study that is held where it is", async () => {
    const storage = memoryStorage();
    await storage.createStudy(definitionOf("digits"), Date.now());
    const now = Date.now();
    await storage.acquire("digits", { ...request(ALICE), now });
    await expect(deleteStudy({ storage, study: "digits", folder })).rejects.toMatchObject({
      code: "STUDY_OWNED",
    });
    expect(readdirSync(folder)).toEqual(["trial-0"]);
  });

  it("puts the folder back and releases the study if the storage cannot delete it", async () => {
    const storage = memoryStorage();
    await storage.createStudy(definitionOf("digits"), NOW);
    const broken = {
      ...storage,
      deleteStudy: async () => {
        expect(existsSync(folder)).toBe(false);
        throw new Error("disk on fire");
      },
    };
    await expect(deleteStudy({ storage: broken, study: "digits", folder })).rejects.toThrow("disk on fire");
    expect(readFileSync(join(folder, "trial-0/snapshot"), "utf8")).toBe("snapshot");
    expect(readdirSync(files)).toEqual(["digits"]);
    await storage.acquire("digits", { ...request(ALICE), now: Date.now() });
  });

  it("deletes nothing if the folder cannot be moved, and says how to go on", async () => {
    const storage = memoryStorage();
    await storage.createStudy(definitionOf("digits"), NOW);
    // A name of the longest length leaves no room for the prefix.
    const long = join(files, "x".repeat(250));
    mkdirSync(long);
    await expect(deleteStudy({ storage, study: "digits", folder: long })).rejects.toMatchObject({
      code: "FILES_NOT_DELETED",
      hint: expect.stringContaining("--keep-files"),
    });
    expect(await storage.listStudies(NOW)).toHaveLength(1);
  });
});

describe("a deletion that is killed", () => {
  it("before the study is deleted leaves a study that goes on with its files", async () => {
    await moveAside(folder, NOW);
    // What a run writes before it holds the study.
    fill("rendezvous");
    await recoverFolder(folder, NOW);
    expect(readdirSync(files)).toEqual(["digits"]);
    expect(readdirSync(folder)).toEqual(["trial-0"]);
    await moveAside(folder, NOW);
    await recoverFolder(folder, NOW);
    expect(readFileSync(join(folder, "trial-0/rendezvous"), "utf8")).toBe("rendezvous");
  });

  it("after that leaves nothing to a later study of the same name, whose opening removes the rest", async () => {
    mkdirSync(join(folder, "trial-1"));
    await moveAside(folder, NOW);
    fill("new");
    await recoverFolder(folder, NOW + 1);
    expect(readdirSync(files)).toEqual(["digits"]);
    expect(readdirSync(folder)).toEqual(["trial-0"]);
    expect(readdirSync(join(folder, "trial-0"))).toEqual(["new"]);
    // Nor where the later study has no folder yet.
    await moveAside(folder, NOW + 1);
    await recoverFolder(folder, NOW + 2);
    expect(readdirSync(files)).toEqual([]);
  });

  it("is finished by the next one, which spares the files of a study that is still there", async () => {
    const storage = memoryStorage();
    await moveAside(folder, NOW);
    fill("newer");
    await moveAside(folder, NOW + 1);
    await storage.createStudy(definitionOf("digits"), NOW + 1);
    expect(await finishDeletion({ storage, study: "digits", folder })).toBe(true);
    await recoverFolder(folder, NOW + 1);
    expect(readdirSync(join(folder, "trial-0"))).toEqual(["newer"]);
    await storage.deleteStudy("digits", { now: NOW, isGone: () => true });
    expect(await finishDeletion({ storage, study: "digits", folder })).toBe(false);
  });
});
