import { readFile } from "node:fs/promises";
import { CurvewiseError, messageOf } from "../core/errors.js";
import type { Storage } from "../core/storage.js";
import type { StudyServer, TlsKeys } from "../server/index.js";
import type { ListenOptions } from "./listen-options.js";
import { thisUser } from "./this-user.js";
import { version } from "./version.js";

async function readPem(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new CurvewiseError("TLS_NOT_FOUND", `${what} cannot be read: ${messageOf(cause)}`, {
      hint: "Give the path of a PEM file.",
      cause,
    });
  }
}

/**
 * Reads the certificate of an authority to trust in addition to the usual ones. @throws CurvewiseError
 * `TLS_NOT_FOUND`
 */
export async function readAuthority(path: string | undefined): Promise<string | undefined> {
  return path === undefined ? undefined : readPem(path, "the authority's certificate");
}

async function readKeys({ tlsCert, tlsKey }: ListenOptions): Promise<TlsKeys | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new CurvewiseError("TLS_INCOMPLETE", "a certificate and its key are needed together", {
      hint: "Give both --tls-cert and --tls-key.",
    });
  }
  return { cert: await readPem(tlsCert, "the certificate"), key: await readPem(tlsKey, "the key") };
}

/** Refuses options that need `--listen`. @throws CurvewiseError `LISTEN_NEEDED` */
export function checkListenOptions(options: ListenOptions): void {
  if (options.listen !== undefined) return;
  const lone = (
    [
      ["--advertise", options.advertise],
      ["--workers-at-least", options.workersAtLeast],
      ["--token-file", options.tokenFile],
      ["--tls-cert", options.tlsCert],
      ["--tls-key", options.tlsKey],
    ] as const
  ).find(([, value]) => value !== undefined);
  if (lone === undefined) return;
  throw new CurvewiseError("LISTEN_NEEDED", `${lone[0]} has no effect without --listen`, {
    hint: "Give --listen [host:]port to let workers on other hosts join.",
  });
}

/** What {@link openDoor} needs besides the options. */
export interface DoorSetup {
  readonly study: string;
  /** The study's folder. */
  readonly folder: string;
  readonly storage: Storage;
  /** Whether another process may hold the study, and the port, at first. */
  readonly isStandby: boolean;
  readonly log: (message: string) => void;
}

/** Opens the port of a run with `--listen`; undefined without it. */
export async function openDoor(options: ListenOptions, setup: DoorSetup): Promise<StudyServer | undefined> {
  const { listen, advertise, workersAtLeast = 0, workerLease, tokenFile } = options;
  if (listen === undefined) return undefined;
  // Loaded only when needed: most runs are on one machine.
  const { openStudyServer } = await import("../server/index.js");
  return openStudyServer({
    study: setup.study,
    folder: setup.folder,
    storage: setup.storage,
    owner: thisUser(),
    ...listen,
    tls: await readKeys(options),
    advertise,
    tokenFile,
    lease: workerLease,
    atLeast: workersAtLeast,
    late: setup.isStandby,
    version: version(),
    log: setup.log,
  });
}
