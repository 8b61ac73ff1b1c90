import { stat } from "node:fs/promises";
import type { Storage } from "../core/storage.js";
import { openDatabase } from "./database.js";

/** What is read of a database that stays open for long. */
export type FollowedDatabase = Pick<
  Storage,
  "name" | "location" | "listStudies" | "readEvents" | "listRequests" | "close"
>;

/** Which file is at a path; undefined: none, as for a database that is not a file. */
async function fileAt(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? undefined : `${found.dev} ${found.ino}`;
}

/**
 * Opens a database for reading, for as long as a page or a terminal shows it. If another file takes its place meanwhile,
 * such as a backup that is put back, that is opened from then on; the former would be read forever, unseen.
 *
 * @throws CurvewiseError what {@link openDatabase} throws, also later, while there is no database in its place
 */
export async function followDatabase(location: string): Promise<FollowedDatabase> {
  const open = async (): Promise<{ readonly storage: Storage; readonly file: string | undefined }> => {
    const storage = await openDatabase(location, "read");
    return { storage, file: storage.name === "sqlite" ? await fileAt(storage.location) : undefined };
  };
  let current = open();
  const { storage: first } = await current;

  async function reopen(): Promise<Storage> {
    const { storage, file } = await current;
    if (file === undefined || (await fileAt(storage.location)) === file) return storage;
    // Whoever asks at the same moment gets the same one.
    const next = open();
    current = next.catch(() => ({ storage, file }));
    const opened = await next;
    await storage.close();
    return opened.storage;
  }
  /** Looks that come at the same moment wait for one. */
  let looking: Promise<Storage> | undefined;
  const newest = (): Promise<Storage> => {
    looking ??= reopen().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  return {
    name: first.name,
    location: first.location,
    listStudies: async (now) => (await newest()).listStudies(now),
    listRequests: async (study) => (await newest()).listRequests(study),
    readEvents: async function* (study, range) {
      yield* (await current).storage.readEvents(study, range);
    },
    close: async () => (await current).storage.close(),
  };
}
