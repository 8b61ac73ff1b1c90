import { isIP } from "node:net";
import { createTokenCheck } from "../server/token.js";

/** What a caller may do. */
export type Access = "act" | "read" | "none";

/** The tokens of a dashboard. */
export interface DashboardTokens {
  /** To act, and to read. */
  readonly act: string;
  /** To read only; to be shared. */
  readonly read: string;
}

/** Whether an address is this machine's own, which nobody else can reach. */
export function isLoopback(host: string): boolean {
  return (
    host === "localhost" ||
    host === "::1" ||
    host === "[::1]" ||
    (isIP(host) === 4 && host.startsWith("127."))
  );
}

/**
 * What callers may do, by their `Authorization` header. On a loopback address everyone may read without a token, as
 * everyone on the machine who may read the database can.
 */
export function createAccess(tokens: DashboardTokens, isLocal: boolean): (authorization?: string) => Access {
  const [act, read] = [createTokenCheck(tokens.act), createTokenCheck(tokens.read)];
  return (authorization) => {
    if (act(authorization)) return "act";
    return isLocal || read(authorization) ? "read" : "none";
  };
}

/** The name in a `Host` header, without its port; undefined if it is malformed. */
function nameOf(host: string): string | undefined {
  const parts = /^(\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?$/i.exec(host);
  return parts?.[1]?.toLowerCase();
}

/**
 * Whether a request was sent to this server on purpose. A page of another site can make a browser send requests here
 * under that site's name (DNS rebinding, see Jackson et al., "Protecting Browsers from DNS Rebinding Attacks", 2007), or
 * under ours with its own `Origin`.
 *
 * @param names the hosts by which this server is known, in lower case; empty: any
 */
export function isOurs(
  { host, origin }: { readonly host: string | undefined; readonly origin: string | undefined },
  names: ReadonlySet<string>,
): boolean {
  const name = host === undefined ? undefined : nameOf(host);
  if (name === undefined) return false;
  const isKnown = names.size === 0 || isLoopback(name) || names.has(name);
  if (!isKnown) return false;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host.toLowerCase() === host?.toLowerCase();
}
