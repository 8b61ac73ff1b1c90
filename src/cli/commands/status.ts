import type { Command } from "commander";
import type { StatusOptions } from "../actions/status.js";
import { addReadOptions, addShadowOption } from "../options.js";

/** `curvewise status [study]` */
export function addStatusCommand(program: Command): void {
  addShadowOption(addReadOptions(program.command("status")))
    .argument("[study]", "the study's name; all studies if omitted")
    .summary("show the state of studies")
    .description(
      "Shows the state of a study: trials by state, steps, time, best value. Running studies are not disturbed.",
    )
    .addHelpText(
      "after",
      `
With --json: {"database", "studies": [{"name", "goal", "state": "running"|"idle"|"finished", "holder",
"sampler", "scheduler", "maxSteps", "seed", "budget", "trials": {"total", "waiting", ...}, "totalSteps",
"stepsSaved", "stepsAgain", "secondsSaved", "secondsPerStep", "starts": {"total", "afterPause", "parked", "seconds"}, "exploits",
"elapsed", "best": {"trial", "value", "complete", "params"}|null, "createdAt", "updatedAt", "halt": {"action":
"pause"|"stop", "by", "time"}|null, "held": [{"trial", "action", "by", "time"}], "tags", "trialTags": [{"trial", "tags"}],
"notes", "requests": [{"number", "time", "by", "action"}]}]}. "halt" says who has paused or stopped the study, "held" which
trials somebody has paused, and "requests" what no coordinator has carried out yet. Times are
milliseconds since 1970, "elapsed" is in seconds. "starts" counts the starts of trainings, those of them that followed a
pause, and the times that a paused trial went on without one; "seconds" is what a start costs, null while unknown.
Of one study, also "proposers": [{"name", "trials", "best"}], the best first, if several have proposed trials: samplers,
people and assistants; and "forecasts": {"interval", "forecasts", "held"}|null, how often the intervals of lcm's forecasts
at rungs contained the end, judged by the newest 200 complete trials. "stepsAgain" counts the steps that were trained once
more after pauses; they are taken off "stepsSaved". "secondsSaved" is "stepsSaved" in seconds, less the starts after
pauses. "sampler" and "scheduler" are {"name", "options"}, and those of your own also have "module": {"specifier", "folder",
"digest", "version"}.

With --shadow and one study, also shows what another scheduler would have decided, from the study's log: steps, trials
that it would have stopped or left paused, good trials (the best tenth of the complete ones) that it would thus have
lost, and where it would have answered differently. --json then adds "shadows": [{"scheduler": {"name",
"options"}, "failure": {"events", "code", "message"}|null, "recordedSteps", "steps", "open": trials that it would
have continued beyond what is recorded, "openSteps": steps that these have left, "ends": [{"trial", "shadow":
"stopped"|"paused", "step", "recorded": state, "recordedStep"}], "good", "lost", "best", "bestLost", "compared",
"differences": [{"trial", "step", "recorded", "shadow", "reason"}]}].

Examples:
  curvewise status
  curvewise status mnist-mlp --shadow asha
  curvewise status mnist-mlp --json | jq '.studies[0].best.value'`,
    )
    .action(async (name: string | undefined, options: StatusOptions) => {
      const { showStatus } = await import("../actions/status.js");
      await showStatus(name, options);
    });
}
