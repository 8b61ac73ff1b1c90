import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { z } from "zod";
import { startCurvewise } from "./command-line.js";

const announced = z.object({ url: z.string(), acting: z.string(), reading: z.string() });

/** An answer of the server. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A dashboard in a process of its own. */
export interface ServedDashboard {
  readonly url: string;
  /** The tokens of its two addresses. */
  readonly acting: string;
  readonly reading: string;
  /** Asks for a path, with exactly these headers. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** The JSON of a path below `api`. */
  json(path: string): Promise<unknown>;
}

/** Sends a request; `fetch` would not let a test choose `Host` and `Origin`. */
export async function send(
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  } = {},
): Promise<Answer> {
  const { method = "GET", headers = {}, body } = options;
  return new Promise<Answer>((resolve, reject) => {
    const call = httpRequest(url, { method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.once("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    call.once("error", reject);
    call.end(body);
  });
}

/** Starts `curvewise dashboard` in a folder, and waits until it serves. It ends with the test. */
export async function serveDashboard(folder: string, ...args: readonly string[]): Promise<ServedDashboard> {
  const { child, stderr, result } = startCurvewise(folder, "dashboard", "--listen", "0", "--json", ...args);
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const ended = result.then(() => true);
  while (!output.endsWith("}\n")) {
    const data = child.stdout === null ? [] : [once(child.stdout, "data").then(() => false)];
    if (await Promise.race([...data, ended])) throw new Error(`the dashboard ended: ${stderr()}`);
  }
  const { url, acting, reading } = announced.parse(JSON.parse(output));
  const get = (path: string, headers?: Readonly<Record<string, string>>): Promise<Answer> =>
    send(new URL(path, url).href, headers === undefined ? {} : { headers });
  return {
    url,
    acting: new URL(acting).hash.replace("#token=", ""),
    reading: new URL(reading).hash.replace("#token=", ""),
    get,
    json: async (path) => {
      const { status, body } = await get(`/api/${path}`);
      if (status !== 200) throw new Error(`${path}: HTTP ${status} ${body}`);
      return JSON.parse(body);
    },
  };
}
