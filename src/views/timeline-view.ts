import type { Figure, ScatterTrace } from "../plots/figure.js";
import { FATES } from "../plots/index.js";
import { plotText } from "../plots/trial-text.js";
import type { PlotView } from "./contract.js";
import type { ViewedAttempt } from "./viewed-log.js";
import type { ViewedStudy } from "./viewed-study.js";
import { counted, durationText } from "./wording.js";

/** More lines would not fit on a page. */
const MOST_WORKERS = 100;
/** More attempts could not be told apart; the newest are drawn. */
const MOST_ATTEMPTS = 5000;

/** The share of the time from the first attempt to now in which a worker trained. */
function busyShare(attempts: readonly ViewedAttempt[], from: number, to: number): number {
  const busy = attempts.reduce((sum, attempt) => sum + ((attempt.to ?? to) - attempt.from), 0);
  return to > from ? busy / (to - from) : 0;
}

/** When which worker trained which trial: a line per worker, coloured by how the trial stands now. */
export function timelineView({ study, log }: ViewedStudy): PlotView {
  const title = "Workers over time";
  const attempts = log.attempts.slice(-MOST_ATTEMPTS);
  const [first] = attempts;
  const workers = [...new Set(attempts.map(({ worker }) => worker))].slice(0, MOST_WORKERS);
  if (first === undefined)
    return { title, sentence: "", figure: { data: [], layout: {} }, needs: "a trial that was begun" };
  const start = log.attempts[0]?.from ?? first.from;
  const now = study.updatedAt;
  const rows = new Map(workers.map((worker, row) => [worker, workers.length - row]));
  const hours = now - start > 3 * 3_600_000;
  const unit = hours ? 3_600_000 : now - start > 180_000 ? 60_000 : 1000;
  const traces = FATES.flatMap(({ state, colour }): ScatterTrace[] => {
    const shown = attempts.filter(
      ({ trial, worker }) => study.trials[trial]?.state === state && rows.has(worker),
    );
    if (shown.length === 0) return [];
    return [
      {
        type: "scatter",
        name: state,
        mode: "lines",
        x: shown.flatMap(({ from, to }) => [(from - start) / unit, ((to ?? now) - start) / unit, null]),
        y: shown.flatMap(({ worker }) => [rows.get(worker) ?? 0, rows.get(worker) ?? 0, null]),
        text: shown.flatMap(({ trial, from, to }) => {
          const text = `<b>trial ${trial}</b> (${state})<br>${durationText(((to ?? now) - from) / 1000)}`;
          return [text, text, ""];
        }),
        hovertemplate: "%{text}<extra></extra>",
        line: { color: colour, width: 8 },
        connectgaps: false,
        showlegend: true,
      },
    ];
  });
  const figure: Figure = {
    data: traces,
    layout: {
      xaxis: {
        title: { text: `${hours ? "hours" : unit === 60_000 ? "minutes" : "seconds"} since the first trial` },
        type: "linear",
        rangemode: "tozero",
      },
      yaxis: {
        title: { text: "worker" },
        type: "linear",
        range: [0.4, workers.length + 0.6],
        tickvals: [...rows.values()],
        ticktext: [...rows.keys()].map((worker) => plotText(worker)),
      },
      showlegend: true,
      hovermode: "closest",
    },
  };
  const byWorker = workers.map((worker) => log.attempts.filter((attempt) => attempt.worker === worker));
  const busy = byWorker.reduce((sum, own) => sum + busyShare(own, start, now), 0) / workers.length;
  const sentence = `${counted(workers.length, "worker")} trained ${counted(attempts.length, "attempt")} in ${durationText((now - start) / 1000)}, and ${workers.length === 1 ? "was" : "were"} busy ${Math.round(100 * Math.min(1, busy))} % of the time.`;
  return { title, sentence, figure, needs: null };
}
