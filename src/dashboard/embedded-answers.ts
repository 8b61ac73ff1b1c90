import { chosenTrials, paramsByImportance } from "../plots/index.js";
import { pathOf } from "../views/answer-path.js";
import type { PlotChoice } from "../views/contract.js";
import { studyView } from "../views/study-view.js";
import type { Answers } from "./answers.js";
import type { StudyWatch, WatchedStudy } from "./watched-study.js";

/** The most trials whose details are in a report: those that failed, the best, and others evenly spaced. */
const MOST_DETAILED = 1000;
/** Of these, the most whose decisions are drawn. */
const MOST_DRAWN = 200;
/** The most metrics, and the most params, for which a plot is in a report. */
const MOST_METRICS = 6;
const MOST_PARAMS = 8;

/** Answers by path: JSON text, or bytes. */
export type EmbeddedAnswers = ReadonlyMap<string, string | Uint8Array<ArrayBuffer>>;

/** What is put into a report. */
export interface EmbeddedRequest {
  readonly answers: Answers;
  readonly watch: StudyWatch;
  /** The studies; several with one goal are also compared. */
  readonly names: readonly string[];
}

/** The trials whose details a report has, the best first. */
function detailedTrials({ study, ranks }: WatchedStudy): number[] {
  const failed = study.trials.filter(({ state }) => state === "failed").slice(0, MOST_DETAILED / 4);
  const others = study.trials.filter(({ state }) => state !== "failed");
  const { trials } = chosenTrials(study, others, MOST_DETAILED - failed.length);
  const places = ranks();
  const placeOf = (number: number): number => places.get(number) ?? Number.POSITIVE_INFINITY;
  return [...failed, ...trials].map(({ number }) => number).sort((a, b) => placeOf(a) - placeOf(b) || a - b);
}

/** The queries for which a plot is in a report: the page's own choice, each metric, the params that matter most. */
function wishesFor({ name, takes }: PlotChoice, metrics: readonly string[], params: readonly string[]) {
  const ofMetrics = takes.includes("metric")
    ? metrics.slice(1, MOST_METRICS).map((metric) => ({ metric }))
    : [];
  const single = name === "slice" || name === "param-history";
  const ofParams = single ? params.slice(0, MOST_PARAMS).map((param) => ({ params: [param] })) : [];
  return [{}, ...ofMetrics, ...ofParams];
}

async function ofStudy({ answers }: EmbeddedRequest, watched: WatchedStudy, add: Add): Promise<void> {
  const { study } = watched;
  const { name } = study.definition;
  const view = studyView(watched, { mayAct: false, schedulers: [] });
  const path = (...parts: readonly (string | number)[]): string => pathOf(["studies", name, ...parts]);
  add(path(), JSON.stringify(view));
  add(path("trials"), await answers.trials(name, {}));
  add(path("rungs"), await answers.rungs(name));
  add(path("timeline"), await answers.timeline(name));
  add(path("happenings"), await answers.happenings(name));
  for (const [place, metric] of view.metrics.slice(0, MOST_METRICS).entries()) {
    const bytes = await answers.curves(name, { metric });
    if (place === 0) add(path("curves"), bytes);
    add(pathOf(["studies", name, "curves"], { metric }), bytes);
  }
  const params = paramsByImportance(study, watched.ends());
  for (const plot of view.plots) {
    for (const wish of wishesFor(plot, view.metrics, params)) {
      const query = { metric: undefined, params: [], ...wish };
      const asked = {
        ...(query.metric === undefined ? {} : { metric: query.metric }),
        params: query.params.join(","),
      };
      add(pathOf(["studies", name, "plots", plot.name], query), await answers.plot(name, plot.name, asked));
    }
  }
  for (const [place, number] of detailedTrials(watched).entries()) {
    const text = await answers.trial(name, String(number));
    add(path("trials", number), text);
    if (place >= MOST_DRAWN) continue;
    for (const [index, drawn] of (await answers.decisions(name, String(number))).entries()) {
      if (drawn !== undefined) add(path("trials", number, "decisions", index), drawn);
    }
  }
}

type Add = (path: string, answer: string | Uint8Array<ArrayBuffer>) => void;

/**
 * Everything that the page asks for about some studies, so that it needs nobody to ask.
 *
 * @throws CurvewiseError `STUDY_NOT_FOUND`
 */
export async function embeddedAnswers(request: EmbeddedRequest): Promise<EmbeddedAnswers> {
  const { answers, watch, names } = request;
  const all = new Map<string, string | Uint8Array<ArrayBuffer>>();
  const add: Add = (path, answer) => void all.set(path, answer);
  add("studies", await answers.studies(false, names));
  for (const name of names) await ofStudy(request, await watch.look(name), add);
  // Studies with different goals cannot be compared.
  const compared = await answers.compare({ studies: names.join(",") }).catch(() => undefined);
  if (compared !== undefined) add(pathOf(["compare"], { studies: names }), compared);
  return all;
}
