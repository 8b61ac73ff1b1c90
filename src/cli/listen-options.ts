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

/** Adds the options that open a run to workers on other hosts. */
export function addListenOptions(command: Command): Command {
  return command
    .option(
      "--listen <[host:]port>",
      "let workers on other hosts join, and serve the HTTP API; without a host, listen on this machine only",
      hostAndPort,
    )
    .option("--advertise <host>", "how workers reach this host (default: its name, or the host of --listen)")
    .option("--workers-at-least <n>", "hand out trials once n workers have joined", positiveInteger)
    .option("--worker-lease <seconds>", "silence after which a worker is lost", seconds, 30)
    .addOption(
      new Option("--token-file <path>", "the file with the token; created if missing").default(
        undefined,
        "in the study's folder",
      ),
    )
    .option("--tls-cert <path>", "the TLS certificate, in PEM; needs --tls-key")
    .option("--tls-key <path>", "the certificate's key, in PEM");
}
