import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { agentFor, type CoordinatorAddress } from "./coordinator-address.js";

/** What a coordinator's HTTP API answered. */
export interface CoordinatorAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks a coordinator over its HTTP API. It is trusted in the same way as workers trust it: `fetch` cannot be told of a certificate.
 *
 * @param body sent as JSON, with POST; undefined: GET
 * @param patience milliseconds to wait
 */
export async function askCoordinator(
  address: CoordinatorAddress,
  path: string,
  body: unknown,
  patience: number,
): Promise<CoordinatorAnswer> {
  const url = new URL(path, address.url);
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const call = (url.protocol === "https:" ? secureRequest : plainRequest)(
      url,
      {
        method: text === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${address.token}`, "content-type": "application/json" },
        signal: AbortSignal.timeout(patience),
        ...agentFor(address),
      },
      (response) => {
        let received = "";
        response
          .setEncoding("utf8")
          .on("data", (part: string) => {
            received += part;
          })
          .on("end", () => resolve({ status: response.statusCode ?? 0, text: received }))
          .on("error", reject);
      },
    );
    call.on("error", reject).end(text);
  });
}
