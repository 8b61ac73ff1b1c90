import { type Command, Option } from "commander";
import type { DashboardCommandOptions } from "../actions/dashboard.js";
import { hostAndPort } from "../arguments.js";
import { addFilesOption, addReadOptions, addRemoteOptions, DASHBOARD_PLACE } from "../options.js";

/** `curvewise dashboard` */
export function addDashboardCommand(program: Command): void {
  addRemoteOptions(addFilesOption(addReadOptions(program.command("dashboard"))), "show")
    .addOption(
      new Option("--listen <[host:]port>", "where the page is served; without a host, on this machine only")
        .argParser(hostAndPort)
        .default(DASHBOARD_PLACE, String(DASHBOARD_PLACE.port)),
    )
    .option("--name <host...>", "further names by which the page may be reached, such as a proxy's")
    .addOption(new Option("--output <file>", "what `curvewise report` is for").hideHelp())
    .addOption(new Option("--until-input-ends", "end when standard input ends").hideHelp())
    .summary("show studies in a browser, live")
    .description(
      "Serves a page about the studies of a database, live while they run: every learning curve, why each trial was stopped, rungs, params, populations, workers, and what another scheduler would have done. It reads the database, and needs nobody to run a study.",
    )
    .addHelpText(
      "after",
      `
On this machine everyone may read. The address that is printed ends with a token, which also lets its holder pause, stop
and enqueue; a second address, with a token that may only read, is there to be shared. Both tokens are kept in files that
only their owner can read. With --listen 0.0.0.0:8480 reading needs one of the tokens too; there is no encryption, so
prefer a tunnel (ssh -L 8480:127.0.0.1:8480 host). \`curvewise report\` writes the same page into a file.

Examples:
  curvewise dashboard
  curvewise dashboard --storage postgres://me@db/tuning --listen 9000
  curvewise dashboard --rendezvous /shared/tuning/curvewise-files/mnist-mlp`,
    )
    .action(async (options: DashboardCommandOptions) => {
      const { dashboard } = await import("../actions/dashboard.js");
      await dashboard(options);
    });
}
