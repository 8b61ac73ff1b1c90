import type { Command } from "commander";
import type { WatchOptions } from "../actions/watch.js";
import { addStorageOption } from "../options.js";

/** `curvewise watch [study]` */
export function addWatchCommand(program: Command): void {
  addStorageOption(program.command("watch"))
    .argument("[study]", "the study's name; may be omitted if there is only one")
    .option("--once", "print how it stands now, and end")
    .option("--read-only", "without the keys that pause, resume and stop")
    .summary("show a study in the terminal, live")
    .description(
      "Shows a study in the terminal, live while it runs, also over ssh: who runs it, how much of its budget is spent, the best params, every learning curve coloured by the fate of its trial, the trials, the workers and the newest happenings.",
    )
    .addHelpText(
      "after",
      `
Keys:
  arrows, j, k   select a trial
  enter          why it went as it did: decisions, their numbers, the curves compared
  o              list the best trials first, or the newest; running ones are always on top
  l              the axis of the curves: what suits the values, log, linear
  m              the next metric
  P R S          pause, resume or stop the study, after a question; p r s: the selected trial
  ?              all keys, and what the colours mean
  q, escape      back, or quit; the study is not affected

If the output is not a terminal, or with --once, prints how the study stands and ends. The curves are in braille dots,
or in letters unless the locale (LC_ALL, LC_CTYPE, LANG) says UTF-8. NO_COLOR turns colours off.

Examples:
  curvewise watch
  curvewise watch mnist-mlp
  ssh -t login1 curvewise watch --storage postgres://me@db/tuning mnist-mlp
  watch -n 60 curvewise watch mnist-mlp --once`,
    )
    .action(async (study: string | undefined, options: WatchOptions) => {
      const { watch } = await import("../actions/watch.js");
      await watch(study, options);
    });
}
