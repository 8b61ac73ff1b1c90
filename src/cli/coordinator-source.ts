import type { RemotePlace, StudySource } from "../dashboard/index.js";

/** The options that name a coordinator instead of a database. */
export interface CoordinatorOptions {
  readonly coordinator?: string;
  readonly rendezvous?: string;
  readonly tokenFile?: string;
}

/** Whether a coordinator is named. */
export const namesCoordinator = ({ coordinator, rendezvous }: CoordinatorOptions): boolean =>
  coordinator !== undefined || rendezvous !== undefined;

/**
 * The study of a coordinator on another host, over its HTTP API.
 *
 * @throws CurvewiseError `TOKEN_NEEDED`; what the coordinator answers if its address or the token is wrong
 */
export async function coordinatorSource({
  coordinator: url,
  rendezvous,
  tokenFile,
}: CoordinatorOptions): Promise<{
  readonly source: StudySource;
  readonly locate: () => Promise<RemotePlace>;
}> {
  const { coordinatorLocator } = await import("../server/index.js");
  const { remoteSource } = await import("../dashboard/index.js");
  const locate = coordinatorLocator({ url, rendezvous, tokenFile, token: process.env["CURVEWISE_TOKEN"] });
  const { url: found } = await locate();
  const source = remoteSource(found, locate);
  // Fails at once if the address or the token is wrong, not only when somebody asks for a study.
  await source.listStudies(Date.now());
  return { source, locate };
}
