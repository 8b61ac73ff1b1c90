import { X509Certificate } from "node:crypto";
import { Agent } from "node:https";
import { checkServerIdentity, rootCertificates } from "node:tls";
import { CurvewiseError } from "../core/errors.js";
import { readRendezvous } from "./rendezvous.js";
import { readToken } from "./token.js";

/** Where a coordinator is, and what opens its door. */
export interface CoordinatorAddress {
  /** Begins with `http:` or `https:`. */
  readonly url: string;
  readonly token: string;
  /** In PEM: the certificate that it shows, if that is known. */
  readonly certificate?: string | undefined;
  /** In PEM: an authority to trust beside the usual ones. */
  readonly authority?: string | undefined;
}

/** How a worker is told where its coordinator is: by its address, or by the file that the coordinator writes. */
export interface CoordinatorPlace {
  readonly url?: string | undefined;
  /** The file, or the study's folder that it is in. */
  readonly rendezvous?: string | undefined;
  /** The token itself. */
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  /** In PEM: an authority to trust beside the usual ones. */
  readonly authority?: string | undefined;
}

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "") {
    return url.origin;
  }
  throw new CurvewiseError("URL_INVALID", `${text} is no address of a coordinator`, {
    hint: "It is like http://login1:8470 or https://login1:8470; the coordinator tells it when it starts.",
  });
}

/**
 * Makes the way to look a coordinator up, anew each time.
 *
 * @throws CurvewiseError `COORDINATOR_NEEDED` when neither an address nor a file is given, `TOKEN_NEEDED`,
 *   `URL_INVALID`; the function those of the token and the file
 */
export function coordinatorLocator(place: CoordinatorPlace): () => Promise<CoordinatorAddress> {
  const { rendezvous, token, tokenFile, authority } = place;
  const url = place.url === undefined ? undefined : checkUrl(place.url);
  if (url === undefined && rendezvous === undefined) {
    throw new CurvewiseError("COORDINATOR_NEEDED", "it is not said where the coordinator is", {
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
        hint: "Run it again with a larger budget and --extend to go on.",
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

/** What a connection by TLS needs beside the usual. */
export function agentFor({ certificate, authority }: CoordinatorAddress): { readonly agent?: Agent } {
  if (certificate === undefined && authority === undefined) return {};
  const known = [certificate, authority].filter((pem) => pem !== undefined);
  const expected = certificate === undefined ? undefined : new X509Certificate(certificate).fingerprint256;
  return {
    agent: new Agent({
      ca: [...known, ...rootCertificates],
      // Whoever holds the key of the very certificate that is expected is right, by whatever name it is reached.
      checkServerIdentity: (host, peer) =>
        peer.fingerprint256 === expected ? undefined : checkServerIdentity(host, peer),
    }),
  };
}
