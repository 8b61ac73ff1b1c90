import { serveMcp } from "../../mcp/index.js";
import { openStorage } from "../../storage/index.js";
import { isPostgresUrl, withoutPassword } from "../../storage/postgres-url.js";
import { version } from "../version.js";

/** Options of `curvewise mcp`. */
export interface McpCommandOptions {
  readonly storage: string;
}

/** Serves an assistant until its end of the pipe is closed. */
export async function mcp({ storage }: McpCommandOptions): Promise<void> {
  await serveMcp({
    open: () => openStorage(storage, { readOnly: true }),
    location: isPostgresUrl(storage) ? withoutPassword(storage) : storage,
    version: version(),
  });
}
