import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { CurvewiseError, messageOf } from "../core/errors.js";

/** The name of the file in a study's folder that says where its coordinator is. */
export const RENDEZVOUS_FILE = "coordinator.json";

const rendezvousSchema = z.object({
  study: z.string(),
  url: z.url(),
  coordinator: z.string(),
  /** Absolute, or relative to the file's folder. */
  tokenFile: z.string(),
  host: z.string(),
  pid: z.int(),
  /** The certificate that the coordinator shows, in PEM; workers then accept no other. */
  certificate: z.string().optional(),
  /** Whether the coordinator has ended because nothing is left to do. */
  finished: z.boolean().optional(),
});

/** Where to find a study's coordinator. */
export type Rendezvous = z.output<typeof rendezvousSchema>;

/** Writes the file atomically. */
export async function writeRendezvous(file: string, rendezvous: Rendezvous): Promise<void> {
  const partial = `${file}.${rendezvous.coordinator}`;
  try {
    await writeFile(partial, `${JSON.stringify(rendezvous, undefined, 2)}\n`, { mode: 0o600 });
    await rename(partial, file);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => {});
    throw new CurvewiseError("RENDEZVOUS_FAILED", `${file} cannot be written: ${messageOf(cause)}`, {
      hint: "Workers find the coordinator by this file; you must be allowed to write to the study's folder.",
      cause,
    });
  }
}

/**
 * Reads where the coordinator is.
 *
 * @param path the file, or the folder that it is in
 * @throws CurvewiseError `RENDEZVOUS_NOT_FOUND`, `RENDEZVOUS_INVALID`
 */
export async function readRendezvous(path: string): Promise<Rendezvous & { readonly file: string }> {
  let file = resolve(path);
  let text: string;
  try {
    if ((await stat(file)).isDirectory()) file = join(file, RENDEZVOUS_FILE);
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new CurvewiseError("RENDEZVOUS_NOT_FOUND", `${file} cannot be read: ${messageOf(cause)}`, {
      hint: "A coordinator writes it when it starts: curvewise run study.yaml --listen 0.0.0.0:8470",
      cause,
    });
  }
  try {
    const rendezvous = rendezvousSchema.parse(JSON.parse(text));
    return { ...rendezvous, tokenFile: resolve(dirname(file), rendezvous.tokenFile), file };
  } catch (cause) {
    throw new CurvewiseError("RENDEZVOUS_INVALID", `${file} is not what a coordinator writes`, {
      hint: "Delete it, and start the coordinator again.",
      cause,
    });
  }
}

/** Removes the file of a study that was finished but now continues, so that new workers wait. */
export async function reopenRendezvous(file: string): Promise<void> {
  try {
    if ((await readRendezvous(file)).finished === true) await rm(file, { force: true });
  } catch {
    // There is no such file, or it will be overwritten.
  }
}

/**
 * Removes the file, unless another coordinator has written it since. If the study is finished, the file stays
 * for late workers.
 */
export async function closeRendezvous(file: string, coordinator: string, finished: boolean): Promise<void> {
  try {
    const { file: _file, ...rendezvous } = await readRendezvous(file);
    if (rendezvous.coordinator !== coordinator) return;
    if (finished) await writeRendezvous(file, { ...rendezvous, finished });
    else await rm(file, { force: true });
  } catch {
    // It is gone, or is not ours to remove.
  }
}
