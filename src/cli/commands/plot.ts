import type { Command } from "commander";
import type { PlotOptions } from "../actions/plot.js";
import { addReadOptions } from "../options.js";

/** `curvewise plot <plot> [studies...]` */
export function addPlotCommand(program: Command): void {
  addReadOptions(program.command("plot"))
    .argument("<plot>", "which plot")
    .argument("[studies...]", "the studies' names; may be omitted if there is only one")
    .option("--params <params...>", "the params to show (default: the most important ones, or all)")
    .option("--metric <metric>", "the metric to show (default: the goal's)")
    .option("--minimize <metrics...>", "metrics of a front, of which less is better")
    .option("--maximize <metrics...>", "metrics of a front, of which more is better")
    .option("--output <file>", "where to write the page (replaced if it exists)", "plot.html")
    .summary("write one plot as a page")
    .description(
      "Writes one plot as a self-contained HTML file, or with --json prints it as a figure for Plotly. The page works offline.",
    )
    .addHelpText(
      "after",
      `
Plots:
  learning-curves       every trial's curve, by what became of it
  best-so-far           the best value against the steps spent; of several studies too
  edf                   which share of the trials ends at least as well as a value; of several studies too
  parallel-coordinates  one line per trial across its params
  importance            how much each param matters
  slice                 the value over one param
  contour               the value over two params
  rank                  trials by two params, coloured by rank
  grid-3d               the value over three params
  decision-curves       the curves that a decision of the scheduler was based on
  pareto                the front of two or three metrics, and its knee
  hypervolume           how much the front covers, against the number of trials
  param-history         the values of one param during training, in a population
  lineage               which trials went on with whose models, in a population

With --json: {"data", "layout"}, as Plotly takes them. Exit code 1 if there is nothing to show yet.

Examples:
  curvewise plot contour
  curvewise plot slice mnist-mlp --params lr --output lr.html
  curvewise plot edf random-search lcm
  curvewise plot pareto --minimize val_loss latency_ms`,
    )
    .action(async (plot: string, names: readonly string[], options: PlotOptions) => {
      const { writePlot } = await import("../actions/plot.js");
      await writePlot(plot, names, options);
    });
}
