import { Command } from "commander";
import { addActCommands } from "./commands/act.js";
import { addAlgorithmCommands } from "./commands/algorithms.js";
import { addBestCommand } from "./commands/best.js";
import { addCheckCommand } from "./commands/check.js";
import { addCompletionCommand } from "./commands/completion.js";
import { addDashboardCommand } from "./commands/dashboard.js";
import { addDeleteCommand } from "./commands/delete.js";
import { addExplainCommand } from "./commands/explain.js";
import { addExportCommand } from "./commands/export.js";
import { addImportCommand } from "./commands/import.js";
import { addImportanceCommand } from "./commands/importance.js";
import { addInitCommand } from "./commands/init.js";
import { addMcpCommand } from "./commands/mcp.js";
import { addPlotCommand } from "./commands/plot.js";
import { addReplayCommand } from "./commands/replay.js";
import { addReportCommand } from "./commands/report.js";
import { addRunCommand } from "./commands/run.js";
import { addScheduleCommand } from "./commands/schedule.js";
import { addSchemaCommand } from "./commands/schema.js";
import { addSimplifyCommand } from "./commands/simplify.js";
import { addStatusCommand } from "./commands/status.js";
import { addSubmitCommand } from "./commands/submit.js";
import { addTrialsCommand } from "./commands/trials.js";
import { addWatchCommand } from "./commands/watch.js";
import { addWorkerCommand } from "./commands/worker.js";
import { addWorkersCommand } from "./commands/workers.js";
import { version } from "./version.js";

/**
 * The whole command line. To add a command: a file in `commands` that declares it, one in `actions` that runs it, and a
 * line here. A declaration imports nothing but options, so that help and usage errors need not wait for anything else.
 */
export function createProgram(): Command {
  const program = new Command("curvewise")
    .description("Hyperparameter tuning that learns from learning curves.")
    .version(version(), "--version", "print the version")
    .helpOption("--help", "show this help")
    // As the command's own help has it; the default term knows nothing of a usage that was given.
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      "after",
      `
A first study:
  curvewise init                      write a study.yaml and a training program to start from
  curvewise check study.yaml          what would run; with --output LOG, what is read from what a program printed
  curvewise run study.yaml            run it here; everything is kept in ./curvewise.db
  curvewise watch                     see it while it runs, in another terminal
  curvewise best                      the best params so far
  curvewise explain 7                 why trial 7 went as it did

Exit codes: 0 done; 1 failed; 2 invalid input; 130 and 143 after Ctrl-C and SIGTERM, but 0 from \`dashboard\` and \`mcp\`,
which serve until then.
Environment: CURVEWISE_STORAGE names the database, CURVEWISE_FILES the trials' folders; CURVEWISE_DEBUG=1 shows where
errors happen; NO_COLOR turns colours off.`,
    );
  addInitCommand(program);
  addCheckCommand(program);
  addRunCommand(program);
  addSubmitCommand(program);
  addWorkerCommand(program);
  addWorkersCommand(program);
  addActCommands(program);
  addStatusCommand(program);
  addWatchCommand(program);
  addTrialsCommand(program);
  addBestCommand(program);
  addExplainCommand(program);
  addImportanceCommand(program);
  addSimplifyCommand(program);
  addExportCommand(program);
  addImportCommand(program);
  addScheduleCommand(program);
  addPlotCommand(program);
  addReportCommand(program);
  addDashboardCommand(program);
  addMcpCommand(program);
  addReplayCommand(program);
  addDeleteCommand(program);
  addAlgorithmCommands(program);
  addSchemaCommand(program);
  program.helpCommand("help [command]", "show the help of a command");
  addCompletionCommand(program);
  return program;
}
