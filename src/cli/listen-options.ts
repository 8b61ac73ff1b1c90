import { type Command, Option } from "commander";
import { hostAndPort, positiveInteger, seconds } from "./arguments.js";

/** Options of a run that workers on other hosts may join. */
export interface ListenOptions {
  readonly listen?: { readonly host: string; readonly port: number };
  readonly advertise?: string;
  readonly workersAtLeast?: number;
  readonly workerLease: number;
  readonly tokenFile?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** Adds the options by which a run is opened to workers on other hosts. */
export function addListenOptions(command: Command): Command {
  return command
    .option(
      "--listen <[host:]port>",
      "let workers on other hosts join, and serve the HTTP API; without a host only from this machine",
      hostAndPort,
    )
    .option("--advertise <host>", "how workers reach this host (default: its name, or the host of --listen)")
    .option("--workers-at-least <n>", "hand out trials once so many workers have joined", positiveInteger)
    .option("--worker-lease <seconds>", "silence after which a worker is lost", seconds, 30)
    .addOption(
      new Option("--token-file <path>", "what opens the door; made if it is not there").default(
        undefined,
        "in the study's folder",
      ),
    )
    .option("--tls-cert <path>", "the certificate to show, in PEM; with --tls-key")
    .option("--tls-key <path>", "its key, in PEM");
}
