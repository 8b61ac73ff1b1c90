import { basename, join } from "node:path";
import { CurvewiseError } from "../../core/errors.js";
import type { Dashboard, DashboardOptions, DashboardTokens, StudySource } from "../../dashboard/index.js";
import { submitRequests } from "../../engine/submit-request.js";
import { ensureToken } from "../../server/token.js";
import { filesFolder, studyFolderIfAny, withExisting } from "../database.js";
import { followDatabase } from "../followed-database.js";
import type { ReadOptions } from "../options.js";
import { print, printJson, styled } from "../output.js";
import { isRemote, openRemote, type RemoteOptions } from "../remote-study.js";
import { thisUser } from "../this-user.js";
import { version } from "../version.js";

/** Options of `curvewise dashboard`. */
export interface DashboardCommandOptions extends ReadOptions, RemoteOptions {
  readonly files?: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly name?: readonly string[];
  readonly output?: string;
  readonly untilInputEnds?: boolean;
}

/** The folder, beside the studies' own, in which the tokens are; no study can have its name. */
const TOKENS = ".dashboard";

async function readTokens(folder: string): Promise<DashboardTokens> {
  return {
    act: await ensureToken(join(folder, TOKENS, "token")),
    read: await ensureToken(join(folder, TOKENS, "read-token")),
  };
}

/** Resolves at Ctrl-C, SIGTERM or SIGHUP, or at the end of standard input if that is asked for. */
async function untilTold(untilInputEnds: boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
    if (!untilInputEnds) return;
    process.stdin
      .on("end", () => resolve())
      .on("error", () => resolve())
      .resume();
  });
  process.stdin.destroy();
}

function announce(
  { url }: Dashboard,
  { act, read }: DashboardTokens,
  source: StudySource,
  options: DashboardCommandOptions,
): void {
  const [acting, reading] = [`${url}#token=${act}`, `${url}#token=${read}`];
  if (options.json === true) {
    printJson({ url, acting, reading, source: source.location });
    return;
  }
  print(`${source.location} is shown at\n  ${styled("bold", acting)}`);
  print(`To share, for reading only:\n  ${reading}`);
  print("Ctrl-C ends it; studies are not affected.");
}

async function serve(
  source: StudySource,
  place: Pick<DashboardOptions, "folderOf" | "send">,
  folder: string,
  options: DashboardCommandOptions,
): Promise<void> {
  const { openDashboard } = await import("../../dashboard/index.js");
  const tokens = await readTokens(folder);
  const served = await openDashboard({
    source,
    ...place,
    ...options.listen,
    names: options.name ?? [],
    tokens,
    version: version(),
  });
  // Listened to first: whoever reads the address may end it at once.
  const told = untilTold(options.untilInputEnds === true);
  announce(served, tokens, source, options);
  await told;
  await served.close();
}

/** The study of a coordinator, and where its tokens for the page are kept. */
async function serveCoordinator(options: DashboardCommandOptions): Promise<void> {
  const { rendezvous } = options;
  const { createPassRequest, submitRemotely } = await import("../../dashboard/index.js");
  const { source, locate } = await openRemote(options);
  const folderOf = (study: string): string | undefined =>
    rendezvous !== undefined && basename(rendezvous) === study ? rendezvous : undefined;
  const storage = { name: "sqlite", location: options.storage };
  const by = `page of ${thisUser()}`;
  const send = createPassRequest(by, async (study, actions) => {
    await submitRemotely(await locate(), study, by, actions);
    return "coordinator";
  });
  await serve(source, { folderOf, send }, filesFolder(storage, options.files), options);
}

/**
 * Serves the page until it is told to end.
 *
 * @throws CurvewiseError `USAGE` for --output; `STORAGE_NOT_FOUND`, `PORT_TAKEN`, `LISTEN_FAILED`; for a coordinator, `TOKEN_NEEDED` and what
 *   it answers
 */
export async function dashboard(options: DashboardCommandOptions): Promise<void> {
  if (options.output !== undefined) {
    throw new CurvewiseError("USAGE", "`curvewise dashboard` serves the page, and writes no file", {
      hint: `\`curvewise report --output ${options.output}\` writes it into a file.`,
    });
  }
  if (isRemote(options)) return serveCoordinator(options);
  const storage = await followDatabase(options.storage);
  try {
    const folderOf = (study: string) => studyFolderIfAny(storage, study, options.files);
    const { createPassRequest } = await import("../../dashboard/index.js");
    // The page reads through a database that it cannot change; what is asked for is written by a second one.
    const by = `page of ${thisUser()}`;
    const send = createPassRequest(by, (study, actions) =>
      withExisting(options.storage, async (writable) => {
        const { fate } = await submitRequests(writable, study, by, actions);
        return fate;
      }),
    );
    await serve(storage, { folderOf, send }, filesFolder(storage, options.files), options);
  } finally {
    await storage.close();
  }
}
