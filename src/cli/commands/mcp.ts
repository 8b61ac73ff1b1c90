import type { Command } from "commander";
import type { McpCommandOptions } from "../actions/mcp.js";
import { addRemoteOptions, addStorageOption } from "../options.js";

/** `curvewise mcp` */
export function addMcpCommand(program: Command): void {
  addRemoteOptions(addStorageOption(program.command("mcp")), "serve")
    .option("--write", "also let it propose params, pause, resume and stop studies and trials, and add notes")
    .summary("let an assistant look at studies")
    .description(
      "Serves assistants over the Model Context Protocol, on standard input and output: they list and describe studies, query trials, read learning curves, learn why a trial was stopped, replay a study under another scheduler, and ask which params matter. It reads the database, also while studies run, and changes nothing unless it is started with --write.",
    )
    .addHelpText(
      "after",
      `
An assistant starts it by itself. Register it in the assistant's file of MCP servers, with the database's whole path:

  {
    "mcpServers": {
      "curvewise": {
        "command": "npx",
        "args": ["curvewise", "mcp", "--storage", "/home/me/tuning/curvewise.db"]
      }
    }
  }

In editors whose file has "servers" instead of "mcpServers", the entry is the same. On the command line of an assistant
it is often: ASSISTANT mcp add curvewise -- npx curvewise mcp --storage /home/me/tuning/curvewise.db

Names, params, notes and printed lines come from users and their programs. They reach the assistant marked as data, as
{"userText": "..."}. No answer is larger than about 50 kB.

Tools: list_studies, describe_study, best, trials, curve, explain, replay, importance. With --write also propose, pause,
resume, stop and note; without it an assistant does not even see these. What it asks for is carried out by whoever runs
the study, and recorded under its name: \`curvewise status STUDY\` shows whose proposals are the best.

Examples:
  curvewise mcp --storage /home/me/tuning/curvewise.db
  curvewise mcp --storage postgres://me@db/tuning --write
  curvewise mcp --rendezvous /shared/tuning/curvewise-files/mnist-mlp
  curvewise mcp --coordinator http://login1:8470 --token-file ~/.curvewise-token`,
    )
    .action(async (options: McpCommandOptions) => {
      const { mcp } = await import("../actions/mcp.js");
      await mcp(options);
    });
}
