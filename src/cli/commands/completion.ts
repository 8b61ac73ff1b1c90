import { readFileSync } from "node:fs";
import { Argument, type Command } from "commander";

/** The shells that there are scripts for. */
const SHELLS = ["bash", "zsh", "fish"];

/** `curvewise completion <shell>` */
export function addCompletionCommand(program: Command): void {
  program
    .command("completion")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .summary("print a script that completes commands in your shell")
    .description("Prints a script that lets your shell complete commands, options and study names.")
    .addHelpText(
      "after",
      `
Examples:
  source <(curvewise completion bash)          # in ~/.bashrc
  source <(curvewise completion zsh)           # in ~/.zshrc
  curvewise completion fish | source           # in ~/.config/fish/config.fish`,
    )
    .action((shell: string) => {
      const file = new URL(`../../../templates/completion/curvewise.${shell}`, import.meta.url);
      process.stdout.write(readFileSync(file, "utf8"));
    });
}
