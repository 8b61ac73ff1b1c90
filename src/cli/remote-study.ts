import type { RemoteSource } from "../dashboard/index.js";
import type { CoordinatorAddress } from "../server/index.js";
import { type CoordinatorOptions, locatorOf } from "./coordinator-place.js";

/** Options of commands that look at the study of a coordinator instead of a database. */
export interface RemoteOptions extends Omit<CoordinatorOptions, "url"> {
  readonly coordinator?: string;
}

/** A coordinator's study, and where it is to be found. */
export interface RemoteStudy {
  readonly source: RemoteSource;
  readonly locate: () => Promise<CoordinatorAddress>;
}

/** Whether a coordinator is named. */
export const isRemote = ({ coordinator, rendezvous }: RemoteOptions): boolean =>
  coordinator !== undefined || rendezvous !== undefined;

/**
 * Finds a coordinator, and reads which study it has: a wrong address or token is refused at once.
 *
 * @throws CurvewiseError those of `locatorOf` and of what it looks up, and what the coordinator answers
 */
export async function openRemote({ coordinator, ...options }: RemoteOptions): Promise<RemoteStudy> {
  const { remoteSource } = await import("../dashboard/index.js");
  const locate = await locatorOf({ url: coordinator, ...options });
  const { url } = await locate();
  const source = remoteSource(url, locate);
  await source.listStudies(Date.now());
  return { source, locate };
}
