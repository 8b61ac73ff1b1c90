import type { Command } from "commander";
import type { ActOptions, EnqueueOptions, ExtendOptions, TagOptions } from "../actions/act.js";
import { positiveInteger, positiveNumber, workerCount } from "../arguments.js";
import { addStorageOption } from "../options.js";

/** What every command has that asks something of a study. */
const addActOptions = (command: Command): Command =>
  addStorageOption(command)
    .argument("<study>", "the study's name")
    .option("--by <name>", "who asks, as the log names it (default: user@host)")
    .option("--json", "print JSON for programs");

const HOW = `
Works from any process and, with PostgreSQL, from any host. The study's coordinator carries it out within a second. If
none runs, notes, tags, pauses, resumptions and stops are carried out at once; enqueue and extend take effect at the next
\`curvewise run\`. What a coordinator cannot carry out becomes a note in the log.

With --json: {"study", "fate": "done"|"coordinator"|"next-run", "requests": [numbers of what is not carried out yet],
"coordinator": {"host", "pid"}|null}.
`;

const CONTROLS = [
  {
    kind: "pause",
    summary: "pause a study or some of its trials",
    description:
      "Pauses a study: trainings save and pause at their next report, no trial begins, and its coordinator waits, even if it is run again, until the study is resumed. With numbers, pauses only these trials.",
  },
  {
    kind: "resume",
    summary: "let a paused study or trials go on",
    description:
      "Lets a study go on that was paused or stopped. With numbers, lets these trials go on, also ones that the scheduler paused.",
  },
  {
    kind: "stop",
    summary: "stop a study or some of its trials",
    description:
      "Stops a study: its trainings save and end, their trials are stopped, no trial begins, and the run ends as finished. With numbers, stops only these trials, for good.",
  },
] as const;

function addControls(program: Command): void {
  for (const { kind, summary, description } of CONTROLS) {
    addActOptions(program.command(kind))
      .argument("[trials...]", "the numbers of trials; the whole study if omitted")
      .summary(summary)
      .description(description)
      .addHelpText(
        "after",
        `${HOW}
Examples:
  curvewise ${kind} mnist-mlp
  curvewise ${kind} mnist-mlp 7 12`,
      )
      .action(async (study: string, trials: readonly string[], options: ActOptions) => {
        const { control } = await import("../actions/act.js");
        await control(kind, study, trials, options);
      });
  }
}

function addEnqueue(program: Command): void {
  addActOptions(program.command("enqueue"))
    .requiredOption("--params <params...>", "JSON, or name=value for each param")
    .summary("have params tried next")
    .description(
      "Has params tried next, in a trial of the study's budget. Params that are left out are drawn at random.",
    )
    .addHelpText(
      "after",
      `${HOW}
Examples:
  curvewise enqueue mnist-mlp --params lr=0.01 layers=3
  curvewise enqueue mnist-mlp --params '{"lr": 0.01, "optimizer": "adam"}'`,
    )
    .action(async (study: string, options: EnqueueOptions) => {
      const { enqueue } = await import("../actions/act.js");
      await enqueue(study, options);
    });
}

function addExtend(program: Command): void {
  addActOptions(program.command("extend"))
    .option("--trials <n>", "trials in all", positiveInteger)
    .option("--steps <n>", "steps in all", positiveInteger)
    .option("--time <seconds>", "seconds in all", positiveNumber)
    .option("--workers <n>", "trainings at the same time in the coordinator, until it ends", workerCount)
    .summary("give a running study a larger budget, or another number of workers")
    .description(
      "Raises limits of a study's budget while it runs, and changes how many trials its coordinator trains at the same time. Later runs with the old study file keep the larger budget.",
    )
    .addHelpText(
      "after",
      `${HOW}
Examples:
  curvewise extend mnist-mlp --trials 200
  curvewise extend mnist-mlp --workers 2`,
    )
    .action(async (study: string, options: ExtendOptions) => {
      const { extend } = await import("../actions/act.js");
      await extend(study, options);
    });
}

function addNotes(program: Command): void {
  addActOptions(program.command("note"))
    .argument("<trial>", "the trial's number; may be omitted for a note on the study")
    .argument("[text]", "the note, in quotes")
    .usage("[options] <study> [trial] <text>")
    .summary("add a note to a study or a trial")
    .description("Adds a note to a study, or to one of its trials, with the time and who wrote it.")
    .addHelpText(
      "after",
      `${HOW}
Examples:
  curvewise note mnist-mlp "the new data from here on"
  curvewise note mnist-mlp 7 "diverges after the warm-up"`,
    )
    .action(async (study: string, first: string, second: string | undefined, options: ActOptions) => {
      const { note } = await import("../actions/act.js");
      await note(study, first, second, options);
    });
  addActOptions(program.command("tag"))
    .argument("<tags...>", "the tags; a number before them is a trial's")
    .usage("[options] <study> [trial] <tags...>")
    .option("--remove", "remove the tags instead of adding them")
    .summary("tag a study or a trial")
    .description("Adds tags to a study, or to one of its trials, or removes them.")
    .addHelpText(
      "after",
      `${HOW}
Examples:
  curvewise tag mnist-mlp paper figure-3
  curvewise tag mnist-mlp 7 good
  curvewise tag mnist-mlp 7 --remove good`,
    )
    .action(async (study: string, words: readonly string[], options: TagOptions) => {
      const { tag } = await import("../actions/act.js");
      await tag(study, words, options);
    });
}

/** `curvewise pause|resume|stop <study> [trials...]`, `enqueue`, `extend`, `note` and `tag` */
export function addActCommands(program: Command): void {
  addControls(program);
  addEnqueue(program);
  addExtend(program);
  addNotes(program);
}
