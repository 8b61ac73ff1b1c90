import type { CoordinatorAddress } from "../server/index.js";
import { readAuthority } from "./listening.js";

/** How a command is told where a coordinator is. */
export interface CoordinatorOptions {
  readonly url?: string | undefined;
  readonly rendezvous?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly tlsCa?: string | undefined;
}

/**
 * Creates a function that looks up where the coordinator is now, and what proves that it is the one. The token may be in
 * CURVEWISE_TOKEN, unless a file is named.
 *
 * @throws CurvewiseError `TLS_NOT_FOUND`, `TOKEN_INVALID`, those of `coordinatorLocator`
 */
export async function locatorOf({
  url,
  rendezvous,
  tokenFile,
  tlsCa,
}: CoordinatorOptions): Promise<() => Promise<CoordinatorAddress>> {
  const { coordinatorLocator } = await import("../server/coordinator-address.js");
  const { givenToken } = await import("../server/token.js");
  const authority = await readAuthority(tlsCa);
  const inherited = process.env["CURVEWISE_TOKEN"] ?? "";
  const token =
    inherited === "" || tokenFile !== undefined ? undefined : givenToken(inherited, "CURVEWISE_TOKEN");
  return coordinatorLocator({ url, rendezvous, tokenFile, token, authority });
}
