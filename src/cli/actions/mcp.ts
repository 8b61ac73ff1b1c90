import { submitRequests } from "../../engine/submit-request.js";
import { type Act, serveMcp } from "../../mcp/index.js";
import { isPostgresUrl, withoutPassword } from "../../storage/postgres-url.js";
import { withExisting } from "../database.js";
import { followDatabase } from "../followed-database.js";
import { isRemote, openRemote, type RemoteOptions } from "../remote-study.js";
import { version } from "../version.js";

/** Options of `curvewise mcp`. */
export interface McpCommandOptions extends RemoteOptions {
  readonly storage: string;
  readonly write?: boolean;
}

const ASKED =
  "It was asked for. The study's coordinator carries it out within a second; what it refuses becomes a note of the study.";

/** Opens the database for writing for each request alone. */
const acting =
  (location: string): Act =>
  (study, asked, by) =>
    withExisting(location, async (storage) => {
      const { fate } = await submitRequests(storage, study, by, asked);
      if (fate === "done") return "It is done. Nobody runs the study now.";
      return fate === "coordinator"
        ? ASKED
        : "It was asked for. Nobody runs the study now: it takes effect at the next `curvewise run`.";
    });

/** Serves an assistant the study of a coordinator, over its HTTP API. */
async function serveRemote(options: McpCommandOptions): Promise<void> {
  const { submitRemotely } = await import("../../dashboard/index.js");
  const { source, locate } = await openRemote(options);
  const act: Act = async (study, asked, by) => {
    await submitRemotely(await locate(), study, by, asked);
    return ASKED;
  };
  await serveMcp({
    open: async () => ({ ...source, close: async () => {} }),
    location: source.location,
    version: version(),
    ...(options.write === true ? { act } : {}),
  });
}

/**
 * Serves an assistant until its end of the pipe is closed.
 *
 * @throws CurvewiseError for a coordinator, those of `openRemote`
 */
export async function mcp(options: McpCommandOptions): Promise<void> {
  if (isRemote(options)) return serveRemote(options);
  const { storage, write = false } = options;
  await serveMcp({
    open: () => followDatabase(storage),
    location: isPostgresUrl(storage) ? withoutPassword(storage) : storage,
    version: version(),
    ...(write ? { act: acting(storage) } : {}),
  });
}
