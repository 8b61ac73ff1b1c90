import { readdirSync, readFileSync } from "node:fs";
import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { knownSamplers, knownSchedulers } from "../../config/algorithms.js";
import { DEFAULT_DATABASE, withDatabase } from "../database.js";

/** The name under which the shell's script asks for candidates. */
const REQUEST = "complete";

/** The shells for which there is a script. */
const SHELLS = ["bash", "zsh", "fish"];

/** The value of `--storage` on a command line that is being typed. */
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

/** The names of the database's studies; none when it cannot be read, since nobody wants an error at a Tab. */
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
 * `curvewise completion <shell>`, and the hidden command that the shell's script calls at each Tab. Add it when
 * all other commands are there.
 *
 * @param words the command line's arguments
 */
export async function addCompletion(program: Command, words: readonly string[]): Promise<void> {
  const names = words[0] === REQUEST ? await studyNames(words) : [];
  const completions = tab(program, { completionCommandName: "completion" });
  const offer = (command: string, argument: string, values: readonly string[], variadic = false): void => {
    completions.commands.get(command)?.argument(
      argument,
      (complete) => {
        for (const value of values) complete(value, "");
      },
      variadic,
    );
  };
  for (const command of ["status", "trials", "best", "explain", "export", "workers", "delete"])
    offer(command, "study", names);
  offer("report", "studies", names, true);
  offer("run", "file", yamlFiles());
  offer("samplers", "name", [...knownSamplers().keys()]);
  offer("schedulers", "name", [...knownSchedulers().keys()]);
  for (const command of program.commands) {
    const offered = completions.commands.get(command.name());
    if (offered !== undefined) offered.description = command.summary();
  }
  const script = program.commands.find((command) => command.name() === "completion");
  script?.registeredArguments[0]?.choices(SHELLS);
  script
    ?.action((shell: string) => {
      const file = new URL(`../../../templates/completion/curvewise.${shell}`, import.meta.url);
      process.stdout.write(readFileSync(file, "utf8"));
    })
    .summary("print a script that completes commands in your shell")
    .description(
      "Prints a script with which your shell completes commands, options and the names of studies.",
    )
    .addHelpText(
      "after",
      `
Examples:
  source <(curvewise completion bash)          # in ~/.bashrc
  source <(curvewise completion zsh)           # in ~/.zshrc
  curvewise completion fish | source           # in ~/.config/fish/config.fish`,
    );
}
