import { once } from "node:events";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { createReplays, type Replays } from "../dashboard/replay-thread.js";
import type { Act } from "./act-port.js";
import { addActTools } from "./act-tools.js";
import { addAnalysisTools } from "./analysis-tools.js";
import { openStandardStreams } from "./standard-streams.js";
import { createStudies, type OpenDatabase } from "./studies.js";
import { addStudyTools } from "./study-tools.js";
import type { ToolContext } from "./tool.js";
import { addTrialTools } from "./trial-tools.js";
import { DATA_RULE } from "./user-text.js";

/** What {@link serveMcp} needs. */
export interface McpOptions {
  /** Opens the database for reading, when it is first needed. */
  readonly open: () => Promise<OpenDatabase>;
  /** The database, without passwords. */
  readonly location: string;
  readonly version: string;
  /** Undefined: the tools that change something are not even listed. */
  readonly act?: Act;
}

/** The longest line for people. */
const MOST_TOLD = 500;

const INSTRUCTIONS = `Curvewise tunes hyperparameters. A study searches a space of params for the best value of a metric; a trial is one set of params and its training, which reports metrics step by step; the scheduler pauses and stops trainings early. Begin with list_studies and describe_study. ${DATA_RULE} What an answer leaves out to keep its size is listed in \`omitted\`.`;

function createServer(context: ToolContext, replays: Replays, version: string): McpServer {
  const server = new McpServer(
    { name: "curvewise", title: "Curvewise", version },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  addStudyTools(server, context);
  addTrialTools(server, context);
  addAnalysisTools(server, context, replays);
  if (context.act !== undefined) addActTools(server, context, context.act);
  return server;
}

/** What the library and this server have to say, each on a line of its own. */
const tell = (sentence: string): void => {
  process.stderr.write(`${sentence.replaceAll(/\s+/g, " ").slice(0, MOST_TOLD)}\n`);
};

/**
 * Serves assistants over standard input and output, until the input ends and what was asked is answered, or until a
 * signal comes. Nothing else may print.
 */
export async function serveMcp({ open, location, version, act }: McpOptions): Promise<void> {
  const studies = createStudies(open, Date.now);
  const replays = createReplays();
  const signalled = new AbortController();
  const end = (): void => signalled.abort();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  const streams = openStandardStreams(process.stdin, process.stdout, tell);
  const handle = serveStdio(() => createServer({ studies, location, act }, replays, version), {
    transport: streams.transport,
    onerror: (error) => tell(error.message),
  });
  await Promise.race([streams.ended, once(signalled.signal, "abort")]);
  replays.close();
  await handle.close();
  await studies.close();
  streams.close();
}
