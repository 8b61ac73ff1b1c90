import type { Command } from "commander";
import type { RunOptions } from "../actions/run.js";
import { positiveInteger, seconds, wholeNumber } from "../arguments.js";
import { addLauncherOptions } from "../launcher-options.js";
import { addListenOptions } from "../listen-options.js";
import { addFilesOption, addShadowOption, addStorageOption } from "../options.js";

/** `curvewise run <file>` */
export function addRunCommand(program: Command): void {
  const base = addShadowOption(addFilesOption(addStorageOption(program.command("run"))));
  addListenOptions(addLauncherOptions(base))
    .argument("<file>", "the study, such as study.yaml")
    .option(
      "--workers <n>",
      "trainings at the same time in this process (default: the file's, else one a processor core; none with --listen); with another --launcher, its workers",
      positiveInteger,
    )
    .option("--trials <n>", "the budget of trials, in place of the file's", positiveInteger)
    .option("--seed <n>", "the seed, in place of the file's", wholeNumber)
    .option("--extend", "agree to a larger budget for a study that exists")
    .option(
      "--accept-changed-algorithm",
      "go on although the code of the study's sampler or scheduler, from a module of yours, has changed",
    )
    .option("--retry-failed", "try every failed trial once more")
    .option("--standby", "wait while another process runs the study, and take over when it is gone or silent")
    .option("--lease <seconds>", "silence after which a standby may take over", seconds, 30)
    .option("--quiet", "no progress, only the result")
    .option("--json", "print the result as JSON")
    .summary("run a study, or go on with it")
    .description(
      "Runs the study that a file describes until its budget is used. Progress goes to standard error, the result to standard output. Everything is recorded in the database as it happens; running the same study again goes on where it was left, also after a crash.",
    )
    .addHelpText(
      "after",
      `
A study that exists may be run with another command, environment, metrics, retries, timeout or number of workers.
Another space, goal, constraints, maxSteps, sampler, scheduler or seed is refused with the difference shown
(STUDY_CHANGED), since its earlier trials would mean something else; a larger budget needs --extend. Changed code of a
sampler or scheduler of your own is refused (ALGORITHM_CHANGED), unless --accept-changed-algorithm agrees to it.

Ctrl-C or SIGTERM once: no trial begins any more, programs save and end. Twice: they are ended at once. Either way
nothing recorded is lost.

With --standby, a second coordinator of the same study waits, on this or another host. It goes on with the study when
the first one was silent for its --lease, and at once when that has ended on this same host. Whatever the first one
would still write after that is refused. Both need the same --storage and --files.

With --listen, workers on other hosts take trials (\`curvewise worker\`), and other programs may do so by HTTP
(/openapi.json says how); this process trains none itself unless --workers says so. The study's folder must be on a
file system that all hosts share. Whoever has its file \`token\` may do all this: without --tls-cert the token travels in
the clear, as on a cluster's own network. \`curvewise workers\` shows who is there.

With --launcher slurm, mpi or command, --workers workers are started there: as an array of Slurm jobs, by mpirun, or by the
commands in the study's file. They are replaced when they are lost, cancelled at the end, and taken over by the next
run when this one is killed. \`curvewise workers --scale\` changes their number meanwhile. --listen is then understood.
Inside of mpirun, --launcher mpi makes the first rank the coordinator and the others its workers.

With --shadow, what another scheduler would have decided is told at the end, in \`status --shadow\` at any time; it acts
on nothing. It is worked out from the log of the whole study, earlier runs included.

With --json: {"ended": "finished"|"interrupted", "exhausted": true if the sampler has nothing more to propose, "study": as
in \`status --json\`}, and with --shadow "shadows": as in \`status --shadow --json\`.
Exit codes: 0 finished; 1 failed, or no trial was trained to its end; 2 the input must be mended; 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.

Examples:
  curvewise run study.yaml
  curvewise run study.yaml --storage postgres://tuner@db.example/studies --standby
  curvewise run study.yaml --workers 4 --trials 200 --extend
  curvewise run study.yaml --shadow asha --shadow '{median: {startup: 10}}'
  curvewise run study.yaml --listen 0.0.0.0:8470 --workers-at-least 8
  curvewise run study.yaml --launcher slurm --workers 64 --partition gpu --gres gpu:1 --time 4:00:00
  mpirun -np 8 curvewise run study.yaml --launcher mpi
  curvewise run study.yaml --quiet --json | jq .study.best`,
    )
    .action(async (file: string, options: RunOptions) => {
      const { run } = await import("../actions/run.js");
      await run(file, options);
    });
}
