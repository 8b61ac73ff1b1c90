import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { CURVEWISE } from "./command-line.js";

const texts = z.array(z.object({ type: z.literal("text"), text: z.string() })).length(2);
const data = z.record(z.string(), z.unknown());

/** A tool's answer. */
export interface ToolAnswer {
  readonly says: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
  /** Of the whole answer as it is sent. */
  readonly bytes: number;
}

/** An assistant that is connected to a server of its own. */
export interface Assistant {
  readonly client: Client;
  /** The tools' names. */
  tools(): Promise<readonly string[]>;
  /** Calls a tool, whether or not it succeeds. */
  call(tool: string, input?: Readonly<Record<string, unknown>>): Promise<ToolAnswer>;
  /** The data of a call that must succeed. */
  ask<Shape extends z.ZodType>(
    shape: Shape,
    tool: string,
    input?: Readonly<Record<string, unknown>>,
  ): Promise<z.output<Shape>>;
}

/** {@link openAssistant} until the end of the test. */
export async function connectAssistant(
  ...args: Parameters<typeof openAssistant>
): ReturnType<typeof openAssistant> {
  const assistant = await openAssistant(...args);
  onTestFinished(() => assistant.client.close());
  return assistant;
}

/**
 * Starts `curvewise mcp` in a folder and connects to it as an assistant does. To close the client ends it.
 *
 * @param modern speaks the protocol's newest revision instead of the one that begins with `initialize`
 */
export async function openAssistant(
  folder: string,
  args: readonly string[] = [],
  modern = false,
): Promise<Assistant> {
  const client = new Client(
    { name: "test-assistant", version: "1.0.0" },
    modern ? { versionNegotiation: { mode: "auto" } } : {},
  );
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [CURVEWISE, "mcp", ...args],
    cwd: folder,
    stderr: "inherit",
  });
  await client.connect(transport);
  const call = async (tool: string, input: Readonly<Record<string, unknown>> = {}): Promise<ToolAnswer> => {
    const answer = await client.callTool({ name: tool, arguments: input });
    const [says, json] = texts.parse(answer.content);
    // Hosts that know nothing of structured content read the same from the text.
    const structured = data.parse(answer.structuredContent);
    if (json?.text !== JSON.stringify(structured)) throw new Error("the text has other data");
    return {
      says: says?.text ?? "",
      data: structured,
      isError: answer.isError === true,
      bytes: Buffer.byteLength(JSON.stringify(answer)),
    };
  };
  return {
    client,
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call,
    ask: async (shape, tool, input) => {
      const answer = await call(tool, input);
      if (answer.isError) throw new Error(`${tool}: ${JSON.stringify(answer.data)}`);
      return shape.parse(answer.data);
    },
  };
}
