import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import { CurvewiseError } from "../core/errors.js";
import { DASHBOARD_PLACE } from "./options.js";

/** Where a page is served. */
export interface PagePlace {
  readonly host: string;
  readonly port: number;
}

/** A dashboard in a process of its own, so that pages cost the coordinator nothing. */
export interface OwnDashboard {
  /** The address with the token to act. */
  readonly url: string;
  end(): void;
}

const started = z.object({ acting: z.string() });
const refused = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }),
});

async function startAt(
  place: PagePlace,
  environment: Readonly<Record<string, string>>,
): Promise<OwnDashboard> {
  const [, program = ""] = process.argv;
  const address = `${place.host.includes(":") ? `[${place.host}]` : place.host}:${place.port}`;
  const child: ChildProcessWithoutNullStreams = spawn(
    process.execPath,
    [program, "dashboard", "--listen", address, "--json", "--until-input-ends"],
    // A group of its own: Ctrl-C in the terminal is for the run, whose end the page should still show.
    { env: { ...process.env, ...environment }, detached: true },
  );
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.stdin.on("error", () => {});
  const ended = once(child, "close");
  while (!output.endsWith("}\n")) {
    const isOver = await Promise.race([once(child.stdout, "data").then(() => false), ended.then(() => true)]);
    if (!isOver) continue;
    const told = refused.safeParse(JSON.parse(errors.trim().split("\n").at(-1) ?? "null"));
    const { code, message, hint } = told.success
      ? told.data.error
      : {
          code: "DASHBOARD_FAILED",
          message: "the dashboard did not start",
          hint: "Run `curvewise dashboard` by itself.",
        };
    throw new CurvewiseError(code, message, hint === null ? {} : { hint });
  }
  const { acting } = started.parse(JSON.parse(output));
  child.unref();
  return { url: acting, end: () => child.stdin.end() };
}

/**
 * Starts a dashboard beside a run, which ends with this process.
 *
 * @param place where it is served; undefined: the usual place or, if that is taken, at any free port
 * @throws CurvewiseError `PORT_TAKEN`, `LISTEN_FAILED`, `DASHBOARD_FAILED`
 */
export async function startDashboard(
  place: PagePlace | undefined,
  environment: Readonly<Record<string, string>>,
): Promise<OwnDashboard> {
  if (place !== undefined) return startAt(place, environment);
  try {
    return await startAt(DASHBOARD_PLACE, environment);
  } catch (error) {
    if (!(error instanceof CurvewiseError) || error.code !== "PORT_TAKEN") throw error;
    return startAt({ ...DASHBOARD_PLACE, port: 0 }, environment);
  }
}
