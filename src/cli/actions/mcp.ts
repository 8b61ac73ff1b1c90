import { submitRequests } from "../../engine/submit-request.js";
import { type Act, serveMcp } from "../../mcp/index.js";
import { isPostgresUrl, withoutPassword } from "../../storage/postgres-url.js";
import { openDatabase, withDatabase } from "../database.js";
import { version } from "../version.js";

/** Options of `curvewise mcp`. */
export interface McpCommandOptions {
  readonly storage: string;
  readonly write?: boolean;
}

/** Opens the database for writing for each request alone. */
const acting =
  (location: string): Act =>
  (study, asked, by) =>
    withDatabase(location, "write", async (storage) => {
      const { fate } = await submitRequests(storage, study, by, asked);
      if (fate === "done") return "It is done. Nobody runs the study now.";
      return fate === "coordinator"
        ? "It was asked for. The study's coordinator carries it out within a second; what it refuses becomes a note of the study."
        : "It was asked for. Nobody runs the study now: it takes effect at the next `curvewise run`.";
    });

/** Serves an assistant until its end of the pipe is closed. */
export async function mcp({ storage, write = false }: McpCommandOptions): Promise<void> {
  await serveMcp({
    open: () => openDatabase(storage, "read"),
    location: isPostgresUrl(storage) ? withoutPassword(storage) : storage,
    version: version(),
    ...(write ? { act: acting(storage) } : {}),
  });
}
