import { CurvewiseError } from "../../core/errors.js";
import { namedGoals } from "../../core/goals/front.js";
import { nameHint } from "../../core/nearest.js";
import {
  checkKnownParams,
  type Figure,
  type PlotDefinition,
  type PlotInput,
  plots,
} from "../../plots/index.js";
import { metricsOf, plottedStudy, type ReportedStudy, renderPlot } from "../../report/index.js";
import { withDatabase } from "../database.js";
import { outputText } from "../line-output.js";
import type { ReadOptions } from "../options.js";
import { print, tell } from "../output.js";
import { readReported } from "../reported-study.js";
import { escapedJson } from "../unseen.js";

/** Options of `curvewise plot`. */
export interface PlotOptions extends ReadOptions {
  readonly output: string;
  readonly params?: readonly string[];
  readonly metric?: string;
  readonly minimize?: readonly string[];
  readonly maximize?: readonly string[];
}

function plotNamed(name: string): PlotDefinition {
  const plot = Object.hasOwn(plots, name) ? plots[name] : undefined;
  if (plot !== undefined) return plot;
  throw new CurvewiseError("PLOT_UNKNOWN", `there is no plot "${name}"`, {
    hint: nameHint(name, Object.keys(plots)),
  });
}

/** Refuses options that name what the study does not have, or that the plot has no use for. */
function checkOptions(plot: PlotDefinition, studies: readonly ReportedStudy[], options: PlotOptions): void {
  const [first] = studies;
  if (first === undefined) return;
  const refuse = (message: string, hint: string): never => {
    throw new CurvewiseError("PLOT_INVALID", message, { hint });
  };
  const given = [
    { input: "against", what: "several studies", isGiven: studies.length > 1 },
    { input: "params", what: "a choice of params", isGiven: options.params !== undefined },
    { input: "metric", what: "a choice of metrics", isGiven: options.metric !== undefined },
    {
      input: "goals",
      what: "a front of several metrics",
      isGiven: (options.minimize ?? options.maximize) !== undefined,
    },
  ] as const;
  const unused = given.find(({ input, isGiven }) => isGiven && !plot.takes.includes(input));
  if (unused !== undefined) {
    const able = Object.values(plots).filter(({ takes }) => takes.includes(unused.input));
    refuse(
      `${plot.name} cannot show ${unused.what}`,
      `These can: ${able.map(({ name }) => name).join(", ")}.`,
    );
  }
  const { space, goal } = first.study.definition;
  checkKnownParams(space, options.params ?? []);
  const metrics = metricsOf(first.study);
  if (options.metric !== undefined && !metrics.includes(options.metric)) {
    refuse(`no trial reported a metric "${options.metric}"`, nameHint(options.metric, metrics));
  }
  const other = studies.find(
    ({ study: { definition } }) =>
      definition.goal.metric !== goal.metric || definition.goal.direction !== goal.direction,
  );
  if (other !== undefined) {
    const { name, goal: its } = other.study.definition;
    refuse(
      `"${first.study.definition.name}" and "${name}" cannot be compared: one is to ${goal.direction} ${goal.metric}, the other to ${its.direction} ${its.metric}`,
      "Compare studies with the same goal.",
    );
  }
}

function inputOf(studies: readonly [ReportedStudy, ...ReportedStudy[]], options: PlotOptions): PlotInput {
  const [first, ...others] = studies;
  const { params, metric, minimize, maximize } = options;
  const goals = namedGoals(minimize, maximize);
  return {
    ...plottedStudy(first),
    ...(others.length === 0 ? {} : { against: others.map(plottedStudy) }),
    ...(params === undefined ? {} : { params }),
    ...(metric === undefined ? {} : { metric }),
    ...(goals.length === 0 ? {} : { goals }),
  };
}

/** @throws CurvewiseError `NO_VALUE_YET` if a figure shows nothing */
function checkShown(plot: PlotDefinition, figure: Figure, study: string): void {
  if (figure.data.length > 0) return;
  throw new CurvewiseError("NO_VALUE_YET", `${plot.name} has nothing to show of study "${study}" yet`, {
    hint: `It needs ${plot.needs}; \`curvewise trials ${study}\` shows what happened.`,
    kind: "failure",
  });
}

/**
 * Writes one plot of one or several studies.
 *
 * @throws CurvewiseError `PLOT_UNKNOWN`; `PLOT_INVALID`; `GOALS_INVALID`; `NO_VALUE_YET`
 */
export async function writePlot(name: string, names: readonly string[], options: PlotOptions): Promise<void> {
  const plot = plotNamed(name);
  await withDatabase(options.storage, "read", async (storage) => {
    const first = await readReported(storage, names[0]);
    const others: ReportedStudy[] = [];
    for (const other of names.slice(1)) others.push(await readReported(storage, other));
    checkOptions(plot, [first, ...others], options);
    const figure = plot.render(inputOf([first, ...others], options));
    checkShown(plot, figure, first.study.definition.name);
    if (options.json === true) {
      print(escapedJson(JSON.stringify(figure)));
      return;
    }
    const studies = [first, ...others].map(({ study }) => study.definition.name);
    await outputText(renderPlot({ plot, figure, studies, generatedAt: Date.now() }), options.output);
    tell(`The plot is in ${options.output}`);
  });
}
