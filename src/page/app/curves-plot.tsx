import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { pathOf } from "../../views/answer-path.js";
import type { StudyView } from "../../views/contract.js";
import { type CurveColumns, decodeCurves } from "../../views/curve-columns.js";
import { type Answer, useQuestion } from "./answers.js";
import { type CurvesChoice, type DrawnCurves, drawCurves } from "./drawing.js";
import { chooseCurves, mergeCurves } from "./merge-curves.js";
import { Awaited, Card, Empty } from "./parts.js";
import { PlotTools, TableTwin } from "./plot.js";
import { go, isDark } from "./session.js";
import { counted } from "./text.js";

/** The path of all curves of a metric; the goal's is the one unless another is named. */
export const curvesPath = (study: StudyView, metric: string, since?: number): string =>
  pathOf(["studies", study.name, "curves"], {
    metric: metric === study.metrics[0] ? undefined : metric,
    since,
  });

/** All curves of a metric; once they are there, only those that have grown are asked for. */
export const useCurves = (study: StudyView, metric: string): Answer<CurveColumns> =>
  useQuestion<CurveColumns>(curvesPath(study, metric), async (source, signal, before) => {
    const path = curvesPath(study, metric, source.isLive ? before?.events : undefined);
    const columns = decodeCurves(await source.bytes(path, signal));
    return before === undefined || !source.isLive ? columns : mergeCurves(before, columns);
  });

/** How curves of a study are drawn unless something else is chosen. */
export function curvesChoice(study: StudyView, metric: string): CurvesChoice {
  const isGoal = metric === study.metrics[0];
  return {
    label: `Learning curves of ${metric}`,
    metric,
    direction: study.direction,
    fates: study.counts,
    best: isGoal ? study.best?.trial : undefined,
    picked: [],
    smoothing: 0,
    drag: "zoom",
    onOpen: (trial) => go({ view: "trial", study: study.name, trial }),
    onPick: undefined,
  };
}

/** Learning curves, kept up to date in place so that what was zoomed stays so. */
export function CurvesPlot(props: {
  readonly curves: CurveColumns;
  readonly choice: CurvesChoice;
  readonly name: string;
}): JSX.Element {
  const { curves, choice, name } = props;
  const place = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<DrawnCurves | undefined>(undefined);
  const [isTable, setTable] = useState(false);
  const dark = isDark();
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = drawCurves(element, curves, choice);
    setDrawn(made);
    return () => made.remove();
  }, [choice.metric]);
  useEffect(() => drawn?.update(curves, choice), [drawn, curves, choice]);
  // The colours are those of the page, which has changed by then.
  useEffect(() => drawn?.theme(), [dark]);
  return (
    <div class="plot">
      <p class="sentence">
        {counted(curves.trials.length, "curve")} with {counted(curves.steps.length, "point")}.
      </p>
      <PlotTools drawn={drawn} name={name} isTable={isTable} onTable={setTable} />
      <div class="canvas tall" ref={place} hidden={isTable} />
      {isTable && drawn !== undefined && <TableTwin table={drawn.asTable()} label={choice.label} />}
    </div>
  );
}

/** The curve of one trial. */
export function OwnCurve({
  study,
  trial,
}: {
  readonly study: StudyView;
  readonly trial: number;
}): JSX.Element {
  const metric = study.metrics[0] ?? "";
  const answer = useCurves(study, metric);
  const own = useMemo(
    () => (answer.value === undefined ? undefined : chooseCurves(answer.value, (number) => number === trial)),
    [answer.value, trial],
  );
  const choice = useMemo(() => curvesChoice(study, metric), [study, metric]);
  return (
    <Card title={`Curve of ${metric}`} class="plot-card">
      <Awaited answer={{ ...answer, value: own }}>
        {(curves) =>
          curves.trials.length === 0 ? (
            <Empty>It has reported no {metric} yet.</Empty>
          ) : (
            <CurvesPlot curves={curves} choice={choice} name={`Curve of trial ${trial}`} />
          )
        }
      </Awaited>
    </Card>
  );
}
