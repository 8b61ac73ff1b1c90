import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
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

/**
 * Whether a coordinator is named.
 *
 * @throws CurvewiseError `USAGE` for options that contradict each other, or that say more of a coordinator that is not
 *   named
 */
export function isRemote({ coordinator, rendezvous, tokenFile, tlsCa }: RemoteOptions): boolean {
  if (coordinator !== undefined && rendezvous !== undefined) {
    throw new CurvewiseError("USAGE", "--coordinator and --rendezvous both say where the coordinator is", {
      hint: "Give one of them.",
    });
  }
  const isNamed = coordinator !== undefined || rendezvous !== undefined;
  const about = [
    ["--token-file", tokenFile],
    ["--tls-ca", tlsCa],
  ] as const;
  const lone = about.find(([, value]) => value !== undefined);
  if (isNamed || lone === undefined) return isNamed;
  throw new CurvewiseError("USAGE", `${lone[0]} is about a coordinator, but none is named`, {
    hint: "Name it by --coordinator or --rendezvous, or leave the option out.",
  });
}

/** What helps a command that has not begun to look at a study, by the code of the error. */
const HINTS: ReadonlyMap<string, string> = new Map([
  [
    "COORDINATOR_AWAY",
    "Check the address, whether it begins with http or https, and that the coordinator runs. One that signed its certificate itself is trusted by the study's folder (--rendezvous), or by its certificate's file (--tls-ca).",
  ],
  ["TOKEN_REFUSED", "Check --token-file or CURVEWISE_TOKEN: the token is in the study's folder."],
]);

function withHint(thrown: unknown): unknown {
  const hint = isCurvewiseError(thrown) ? HINTS.get(thrown.code) : undefined;
  if (!isCurvewiseError(thrown) || hint === undefined) return thrown;
  const { code, message, kind } = thrown;
  return new CurvewiseError(code, message, { hint, kind, cause: thrown });
}

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
  await source.listStudies(Date.now()).catch((thrown: unknown) => {
    throw withHint(thrown);
  });
  return { source, locate };
}
