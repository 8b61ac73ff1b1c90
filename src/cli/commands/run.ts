import type { Command } from "commander";
import type { RunOptions } from "../actions/run.js";
import { hostAndPort, positiveInteger, seconds, wholeNumber, workerCount } from "../arguments.js";
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
      "trainings at the same time in this process (default: the file's, or one per processor core; none with --listen); with another --launcher, the number of its workers",
      workerCount,
    )
    .option("--trials <n>", "the budget of trials, instead of the file's", positiveInteger)
    .option("--seed <n>", "the seed, instead of the file's", wholeNumber)
    .option("--extend", "accept a larger budget for an existing study")
    .option(
      "--change",
      "accept another space, other constraints, a larger maxSteps, another sampler or scheduler, and a larger budget",
    )
    .option(
      "--accept-changed-algorithm",
      "continue although the code of your own sampler or scheduler has changed",
    )
    .option("--retry-failed", "try every failed trial once more")
    .option("--standby", "wait while another process runs the study, and take over when it is gone or silent")
    .option("--lease <seconds>", "silence after which a standby may take over", seconds, 30)
    .option(
      "--until-input-ends",
      "end at once when standard input ends, for a program that starts this one and may be killed",
    )
    .option(
      "--dashboard [[host:]port]",
      "show the studies of the database in a browser during the run; the address is printed",
      hostAndPort,
    )
    .option("--quiet", "show only the result, no progress")
    .option("--json", "print the result as JSON")
    .summary("run a study, or continue it")
    .description(
      "Runs the study that a file describes until its budget is used up. Progress goes to standard error, the result to standard output. Everything is recorded in the database as it happens; running the same study again continues where it left off, even after a crash.",
    )
    .addHelpText(
      "after",
      `
An existing study may be run with a different command, environment, metrics, retries, timeout or number of workers.
Anything else that differs is refused and the difference shown (STUDY_CHANGED). A larger budget needs --extend. A different
space, other constraints, a larger maxSteps, and another sampler or scheduler, or other options of it, need --change: the
earlier trials then keep counting; samplers leave out those whose params do not fit the new space; an added param needs a
default, the value that it had in the earlier trials; and with a larger maxSteps, complete trials train on. A goal, a seed
or replicates cannot change, since the earlier trials would mean something else. If the code of a sampler or scheduler
of your own has changed, it is refused (ALGORITHM_CHANGED) unless you give --accept-changed-algorithm.

Ctrl-C or SIGTERM once: no more trials begin, and programs save and end. Twice: they are ended at once. Either way,
nothing recorded is lost.

With --standby, a second coordinator of the same study waits, on this or another host. It takes over once the first
has been silent for its --lease, or at once if the first was on the same host and has ended. Anything that the first
still tries to write after that is refused. Both need the same --storage and --files.

With --listen, workers on other hosts take trials (\`curvewise worker\`), and other programs can do so by HTTP
(/openapi.json says how); this process trains none itself unless --workers says so. The study's folder must be on a
file system that all hosts share. Anyone who has its \`token\` file can do all this. Without --tls-cert, the token is sent
unencrypted, as suits a cluster's own network. \`curvewise workers\` shows the workers.

With --launcher slurm, mpi or command, --workers workers are started there: as an array of Slurm jobs, with mpirun, or with
the commands in the study file. Lost workers are replaced. At the end all are cancelled; if this run is killed, the next
one takes them over. \`curvewise workers --scale\` changes their number during the run. --listen is implied.
Inside mpirun, --launcher mpi makes the first rank the coordinator and the others its workers.

With --shadow, the run ends with what another scheduler would have decided; \`status --shadow\` shows it at any time. A
shadow has no effect on the study. It is worked out from the log of the whole study, earlier runs included.

With --json: {"ended": "finished"|"interrupted", "exhausted": true if the sampler has nothing more to propose, "study": as
in \`status --json\`}, and with --shadow "shadows": as in \`status --shadow --json\`.
Exit codes: 0 finished; 1 failed, or no trial was trained to its end; 2 invalid input; 130 after
Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.

Examples:
  curvewise run study.yaml
  curvewise run study.yaml --storage postgres://tuner@db.example/studies --standby
  curvewise run study.yaml --workers 4 --trials 200 --extend
  curvewise run study.yaml --change
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
