import { X509Certificate } from "node:crypto";
import { Agent } from "node:https";
import { checkServerIdentity, rootCertificates } from "node:tls";
import { CurvewiseError } from "../core/errors.js";
import { readRendezvous } from "./rendezvous.js";
import { readToken } from "./token.js";

/** Where a coordinator is, and the token to connect with. */
export interface CoordinatorAddress {
  /** Begins with `http:` or `https:`. */
  readonly url: string;
  readonly token: string;
  /** In PEM: the certificate that it shows, if known. */
  readonly certificate?: string | undefined;
  /** In PEM: an authority to trust in addition to the usual ones. */
  readonly authority?: string | undefined;
}

/** How a worker finds its coordinator: by its address, or by the file that the coordinator writes. */
export interface CoordinatorPlace {
  readonly url?: string | undefined;
  /** The file, or the study's folder that it is in. */
  readonly rendezvous?: string | undefined;
  /** The token itself. */
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  /** In PEM: an authority to trust in addition to the usual ones. */
  readonly authority?: string | undefined;
}

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "") {
    return url.origin;
  }
  throw new CurvewiseError("URL_INVALID", `${text} is not the address of a coordinator`, {
    hint: "An address looks like http://login1:8470 or https://login1:8470; the coordinator prints it when it starts.",
  });
}

/**
 * Creates a function that looks up where the coordinator is now.
 *
 * @throws CurvewiseError `COORDINATOR_NEEDED` if neither an address nor a file is given, `TOKEN_NEEDED`,
 *   `URL_INVALID`; the function throws those of the token and the file
 */
export function coordinatorLocator(place: CoordinatorPlace): () => Promise<CoordinatorAddress> {
  const { rendezvous, token, tokenFile, authority } = place;
  const url = place.url === undefined ? undefined : checkUrl(place.url);
  if (url === undefined && rendezvous === undefined) {
    throw new CurvewiseError("COORDINATOR_NEEDED", "the coordinator's address is not given", {
      hint: "Give --rendezvous with the study's folder, or --url and --token-file.",
    });
  }
  if (url !== undefined && token === undefined && tokenFile === undefined && rendezvous === undefined) {
    throw new CurvewiseError("TOKEN_NEEDED", "the coordinator's token is missing", {
      hint: "Give --token-file, or set CURVEWISE_TOKEN. The token is in the study's folder.",
    });
  }
  return async () => {
    const found = rendezvous === undefined ? undefined : await readRendezvous(rendezvous);
    if (found?.finished === true) {
      throw new CurvewiseError("STUDY_FINISHED", `study "${found.study}" is finished`, {
        hint: "To continue, run it again with a larger budget and --extend.",
      });
    }
    const reached = url ?? found?.url ?? "";
    const certificate = url === undefined || url === found?.url ? found?.certificate : undefined;
    return {
      url: reached,
      token: token ?? (await readToken(tokenFile ?? found?.tokenFile ?? "")),
      certificate,
      authority,
    };
  };
}

/** Additional options for a TLS connection. */
export function agentFor({ certificate, authority }: CoordinatorAddress): { readonly agent?: Agent } {
  if (certificate === undefined && authority === undefined) return {};
  const known = [certificate, authority].filter((pem) => pem !== undefined);
  const expected = certificate === undefined ? undefined : new X509Certificate(certificate).fingerprint256;
  return {
    agent: new Agent({
      ca: [...known, ...rootCertificates],
      // A peer with the key of the expected certificate is right, whatever name it is reached by.
      checkServerIdentity: (host, peer) =>
        peer.fingerprint256 === expected ? undefined : checkServerIdentity(host, peer),
    }),
  };
}
