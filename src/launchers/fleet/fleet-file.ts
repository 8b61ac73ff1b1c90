import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CurvewiseError, messageOf } from "../../core/errors.js";

/** The file in a study's folder that says which jobs are its workers. */
const FLEET_FILE = "fleet.json";
/** The file in a study's folder that asks for another number of workers. */
const SCALE_FILE = "fleet-scale.json";

const fleetJobSchema = z.object({
  id: z.string(),
  workers: z.int().min(1),
  state: z.enum(["pending", "running"]),
  reason: z.string().optional(),
  host: z.string().optional(),
  /** Milliseconds since 1970. */
  submittedAt: z.number(),
  /** When it was first seen running, in milliseconds since 1970. */
  runningSince: z.number().optional(),
  /** When it was asked to end. */
  cancelledAt: z.number().optional(),
});

const fleetSchema = z.object({
  /** The name that all of its jobs have. */
  fleet: z.string().regex(/^[A-Za-z0-9-]{1,60}$/),
  launcher: z.string(),
  wanted: z.int().min(0),
  jobs: z.array(fleetJobSchema).readonly(),
});

/** A job that starts workers, as recorded. */
export type FleetJob = z.output<typeof fleetJobSchema>;
/** The jobs that are a study's workers. */
export type FleetRecord = z.output<typeof fleetSchema>;

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

async function writeWhole(file: string, value: unknown): Promise<void> {
  const partial = `${file}.${process.pid}`;
  try {
    await writeFile(partial, `${JSON.stringify(value, undefined, 1)}\n`);
    await rename(partial, file);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => {});
    throw new CurvewiseError("FLEET_FAILED", `${file} cannot be written: ${messageOf(cause)}`, {
      hint: "You must be allowed to write to the study's folder, and its disk must not be full.",
      kind: "failure",
      cause,
    });
  }
}

/**
 * Reads which jobs are the workers of the study in a folder; undefined if there are none.
 *
 * @throws CurvewiseError `FLEET_INVALID`
 */
export async function readFleet(folder: string): Promise<FleetRecord | undefined> {
  const file = join(folder, FLEET_FILE);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw new CurvewiseError("FLEET_INVALID", `${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  try {
    return fleetSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new CurvewiseError("FLEET_INVALID", `${file} is not what a coordinator writes`, {
      hint: "Cancel the study's jobs by hand, delete the file, and start the coordinator again.",
      cause,
    });
  }
}

/** Records the jobs. @throws CurvewiseError `FLEET_FAILED` */
export async function writeFleet(folder: string, record: FleetRecord): Promise<void> {
  await writeWhole(join(folder, FLEET_FILE), record);
}

/** Removes the record of all jobs. */
export async function removeFleet(folder: string): Promise<void> {
  await rm(join(folder, FLEET_FILE), { force: true });
  await rm(join(folder, SCALE_FILE), { force: true });
}

/** Asks for another number of workers. @throws CurvewiseError `FLEET_FAILED` */
export async function askForWorkers(folder: string, workers: number): Promise<void> {
  await writeWhole(join(folder, SCALE_FILE), { workers });
}

/**
 * The number of workers that was asked for, if any. An unreadable file counts as none, since it will be
 * overwritten.
 */
export async function askedWorkers(folder: string): Promise<number | undefined> {
  try {
    const text = await readFile(join(folder, SCALE_FILE), "utf8");
    return z.object({ workers: z.int().min(0) }).parse(JSON.parse(text)).workers;
  } catch {
    return undefined;
  }
}

/** Forgets what was asked for in an earlier run. */
export async function forgetAskedWorkers(folder: string): Promise<void> {
  await rm(join(folder, SCALE_FILE), { force: true });
}
