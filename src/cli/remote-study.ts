import type { RemotePlace, RemoteSource } from "../dashboard/index.js";

/** Options of commands that look at the study of a coordinator instead of a database. */
export interface RemoteOptions {
  readonly coordinator?: string;
  readonly rendezvous?: string;
  readonly tokenFile?: string;
}

/** A coordinator's study, and where it is to be found. */
export interface RemoteStudy {
  readonly source: RemoteSource;
  readonly locate: () => Promise<RemotePlace>;
}

/** Whether a coordinator is named. */
export const isRemote = ({ coordinator, rendezvous }: RemoteOptions): boolean =>
  coordinator !== undefined || rendezvous !== undefined;

/**
 * Finds a coordinator, and reads which study it has: a wrong address or token is refused at once.
 *
 * @throws CurvewiseError `TOKEN_NEEDED`, `URL_INVALID`, those of the token and the rendezvous file, and what the
 *   coordinator answers
 */
export async function openRemote({
  coordinator,
  rendezvous,
  tokenFile,
}: RemoteOptions): Promise<RemoteStudy> {
  const { coordinatorLocator } = await import("../server/index.js");
  const { remoteSource } = await import("../dashboard/index.js");
  const token = process.env["CURVEWISE_TOKEN"];
  const locate = coordinatorLocator({ url: coordinator, rendezvous, tokenFile, token });
  const { url } = await locate();
  const source = remoteSource(url, locate);
  await source.listStudies(Date.now());
  return { source, locate };
}
