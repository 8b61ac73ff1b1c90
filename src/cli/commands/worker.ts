import { type Command, InvalidArgumentError, Option } from "commander";
import type { WorkerOptions } from "../actions/worker.js";
import { wholeNumber, workerCount } from "../arguments.js";

function addLabel(text: string, labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, name, value = ""] = /^([A-Za-z0-9_.-]{1,64})=(.{0,200})$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError("It must be name=value.");
  return { ...labels, [name]: value };
}

function workerName(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$/.test(text)) {
    throw new InvalidArgumentError("It may have letters, digits and . _ : @ -, at most 100 characters.");
  }
  return text;
}

/** `curvewise worker` */
export function addWorkerCommand(program: Command): void {
  program
    .command("worker")
    .option("--rendezvous <path>", "the study's folder, where the coordinator leaves its address")
    .option("--url <url>", "the coordinator's address, such as http://login1:8470")
    .option(
      "--token-file <path>",
      "the file with the token (default: the one that the study's folder names, or CURVEWISE_TOKEN)",
    )
    .option("--tls-ca <path>", "a certificate authority to trust in addition to the usual ones, in PEM")
    .option("--slots <n>", "trainings at the same time", workerCount, 1)
    .option(
      "--gpus <list...>",
      "GPUs for the slots, as CUDA_VISIBLE_DEVICES names them (default: those that it names, divided among the slots)",
    )
    .option(
      "--name <name>",
      "this worker's name in the study (default: host, process and a random part)",
      workerName,
    )
    .addOption(
      new Option("--label <name=value>", "a label that says where it runs; repeatable")
        .argParser(addLabel)
        .default({}, "none"),
    )
    .option("--folder <path>", "the study's folder, if its path is different on this host")
    .option("--reconnect-for <seconds>", "give up after this long without a coordinator", wholeNumber, 600)
    .option("--quiet", "show only errors")
    .summary("train trials of a study that runs elsewhere")
    .description(
      "Takes trials from a coordinator (`curvewise run --listen`), and trains them on this host with the study's program until none are left. The study's folder must be on a file system that both hosts share.",
    )
    .addHelpText(
      "after",
      `
A broken connection is restored, even if the coordinator is restarted elsewhere: with --rendezvous, its new address is
read from the study's folder. A worker that was silent for longer than its lease has lost its trials; it ends them and
asks for others.

SIGTERM, SIGINT, SIGHUP or SIGUSR1 once: programs save and end; their trials are given back and continue elsewhere.
SIGTERM, SIGINT or SIGHUP after that: they are ended at once.

Exit codes: 0 the study is finished; 1 the coordinator could not be reached; 2 invalid input; after a signal,
128 plus its number, such as 143 after SIGTERM and 138 after SIGUSR1.

Examples:
  curvewise worker --rendezvous /shared/tuning/curvewise-files/mnist-mlp
  curvewise worker --url http://login1:8470 --token-file ~/mnist.token --slots 4 --gpus 0 1 2 3`,
    )
    .action(async (options: WorkerOptions) => {
      const { work } = await import("../actions/worker.js");
      await work(options);
    });
}
