import { readdirSync } from "node:fs";
import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { knownSamplers, knownSchedulers } from "../config/algorithms.js";
import { plots } from "../plots/index.js";
import { withDatabase } from "./database.js";
import { DEFAULT_DATABASE } from "./options.js";

/** The value of `--storage` on a partly typed command line. */
function typedStorage(words: readonly string[]): string {
  const index = words.findIndex((word) => word === "--storage" || word.startsWith("--storage="));
  const inline = words[index]?.split("=", 2)[1];
  return (
    inline ??
    (index < 0 ? undefined : words[index + 1]) ??
    process.env["CURVEWISE_STORAGE"] ??
    DEFAULT_DATABASE
  );
}

/** The names of the database's studies; none if it cannot be read, since Tab should not print errors. */
async function studyNames(words: readonly string[]): Promise<string[]> {
  try {
    return await withDatabase(typedStorage(words), "read", async (storage) =>
      (await storage.listStudies(Date.now())).map(({ name }) => name),
    );
  } catch {
    return [];
  }
}

function yamlFiles(): string[] {
  try {
    return readdirSync(".").filter((name) => /\.ya?ml$/.test(name));
  } catch {
    return [];
  }
}

/**
 * Prints completions for a partly typed command line: commands, options, their values, names of studies. The
 * script that `curvewise completion` prints runs this at each Tab.
 *
 * @param program all commands
 * @param words the words typed so far; the last one is incomplete
 */
export async function printCandidates(program: Command, words: readonly string[]): Promise<void> {
  const completions = tab(program);
  // `tab` adds the completion request itself as a command.
  completions.commands.delete("complete");
  const offer = (command: string, argument: string, values: readonly string[], variadic = false): void => {
    completions.commands.get(command)?.argument(
      argument,
      (complete) => {
        for (const value of values) complete(value, "");
      },
      variadic,
    );
  };
  const names = await studyNames(words);
  for (const command of [
    "status",
    "watch",
    "trials",
    "best",
    "explain",
    "importance",
    "simplify",
    "export",
    "workers",
    "delete",
    "pause",
    "resume",
    "stop",
    "enqueue",
    "extend",
    "note",
    "tag",
  ])
    offer(command, "study", names);
  offer("report", "studies", names, true);
  offer("plot", "plot", Object.keys(plots));
  offer("plot", "studies", names, true);
  offer("run", "file", yamlFiles());
  offer("samplers", "name", [...knownSamplers().keys()]);
  offer("schedulers", "name", [...knownSchedulers().keys()]);
  for (const command of program.commands) {
    const offered = completions.commands.get(command.name());
    if (offered !== undefined) offered.description = command.summary();
  }
  completions.parse([...words]);
}
