import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where a system without `TMPDIR` puts temporary files. */
const USUAL = ["/tmp", "/var/tmp"] as const;

/**
 * Creates an empty folder that only this user can enter: where `TMPDIR` says, otherwise, since batch systems leave jobs
 * a `TMPDIR` of another host or of a job that has ended, in the system's usual places.
 *
 * @param prefix of its name
 * @param fits whether a path, to which six characters are added, is short enough
 * @throws Error that names all the places, if it can be made in none of them
 */
export function makeTemporaryFolder(prefix: string, fits: (path: string) => boolean = () => true): string {
  const paths = [...new Set([tmpdir(), ...USUAL])].map((place) => join(place, prefix)).filter(fits);
  const troubles: string[] = [];
  for (const path of paths) {
    try {
      return mkdtempSync(path);
    } catch (error) {
      troubles.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`no temporary folder can be created: ${troubles.join("; ")}`);
}

/** Where temporary files go: where `TMPDIR` says, or in the system's usual place if there is no such folder. */
export function temporaryPlace(): string {
  return missingTemporaryFolder(process.env) === undefined ? tmpdir() : USUAL[0];
}

/** What `TMPDIR` names, if that is not a folder. */
export function missingTemporaryFolder({ TMPDIR }: NodeJS.ProcessEnv): string | undefined {
  if (TMPDIR === undefined || TMPDIR === "") return undefined;
  return statSync(TMPDIR, { throwIfNoEntry: false })?.isDirectory() === true ? undefined : TMPDIR;
}
