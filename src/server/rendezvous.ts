import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { CurvewiseError, messageOf } from "../core/errors.js";

/** The name of the file in a study's folder that tells where its coordinator is. */
export const RENDEZVOUS_FILE = "coordinator.json";

const rendezvousSchema = z.object({
  study: z.string(),
  url: z.url(),
  coordinator: z.string(),
  /** Absolute, or relative to the file's folder. */
  tokenFile: z.string(),
  host: z.string(),
  pid: z.int(),
  /** The certificate that the coordinator shows, in PEM: nobody else is then believed. */
  certificate: z.string().optional(),
  /** There is no coordinator any more, since nothing is left to do. */
  finished: z.boolean().optional(),
});

/** Where a study's coordinator is to be found. */
export type Rendezvous = z.output<typeof rendezvousSchema>;

/** Writes the file so that nobody ever reads half of it. */
export async function writeRendezvous(file: string, rendezvous: Rendezvous): Promise<void> {
  const partial = `${file}.${rendezvous.coordinator}`;
  try {
    await writeFile(partial, `${JSON.stringify(rendezvous, undefined, 2)}\n`, { mode: 0o600 });
    await rename(partial, file);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => {});
    throw new CurvewiseError("RENDEZVOUS_FAILED", `${file} cannot be written: ${messageOf(cause)}`, {
      hint: "Workers find the coordinator by this file; the study's folder must be one that you may write to.",
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
      hint: "A coordinator writes it once it runs: curvewise run study.yaml --listen 0.0.0.0:8470",
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

/** Removes the file of a study that was finished: it goes on, and workers that come now are to wait. */
export async function reopenRendezvous(file: string): Promise<void> {
  try {
    if ((await readRendezvous(file)).finished === true) await rm(file, { force: true });
  } catch {
    // There is none, or the next one is written over it.
  }
}

/**
 * Removes the file, unless another coordinator has written it since. When the study is finished it stays, for workers
 * that come late.
 */
export async function closeRendezvous(file: string, coordinator: string, finished: boolean): Promise<void> {
  try {
    const { file: _file, ...rendezvous } = await readRendezvous(file);
    if (rendezvous.coordinator !== coordinator) return;
    if (finished) await writeRendezvous(file, { ...rendezvous, finished });
    else await rm(file, { force: true });
  } catch {
    // It is gone, or not ours to remove.
  }
}
