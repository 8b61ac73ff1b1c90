import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { StudyView } from "../../../views/contract.js";
import type { CurveColumns } from "../../../views/curve-columns.js";
import { PickedActions } from "../actions.js";
import { CurvesPlot, curvesChoice, curvesPath, useCurves } from "../curves-plot.js";
import { Awaited, Card, Choice, Empty, Swatch, To } from "../parts.js";
import { picked, useSource } from "../session.js";
import { counted, numberText } from "../text.js";

/** Longer lists are of no help beside a plot. */
const MOST = 200;

/** The trials that are picked, with where their curves are now. */
function PickedList(props: { readonly study: StudyView; readonly curves: CurveColumns }): JSX.Element {
  const { study, curves } = props;
  const rows = [...curves.trials.entries()].filter(([, trial]) => picked.value.has(trial));
  return (
    <Card
      title={picked.value.size === 0 ? "Picked trials" : counted(picked.value.size, "picked trial")}
      tools={
        picked.value.size > 0 && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              picked.value = new Set();
            }}
          >
            Clear
          </button>
        )
      }
    >
      {rows.length === 0 ? (
        <Empty>
          None yet. To pick trials, set “dragging” to “picks trials”, or hold Alt, and drag a box over their
          curves. Click a curve to open its trial.
        </Empty>
      ) : (
        <>
          <PickedActions study={study} trials={rows.map(([, trial]) => trial)} />
          <div class="scroll side" role="region" aria-label="Picked trials" tabIndex={0}>
            <table class="list">
              <thead>
                <tr>
                  <th scope="col">trial</th>
                  <th scope="col" class="number">
                    step
                  </th>
                  <th scope="col" class="number">
                    last value
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.slice(0, MOST).map(([index, trial]) => {
                  const end = (curves.offsets[index + 1] ?? 1) - 1;
                  const value = curves.values[end] ?? Number.NaN;
                  const fate = study.counts[curves.states[index] ?? 0];
                  return (
                    <tr key={trial}>
                      <th scope="row">
                        {fate !== undefined && <Swatch colour={fate.colour} />}{" "}
                        <To to={{ view: "trial", study: study.name, trial }}>{trial}</To>
                      </th>
                      <td class="number">{curves.steps[end]}</td>
                      <td class="number">{numberText(Number.isFinite(value) ? value : null)}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
          {rows.length > MOST && <p class="hint">and {rows.length - MOST} more</p>}
        </>
      )}
    </Card>
  );
}

/** All learning curves. */
export function Curves({ study }: { readonly study: StudyView }): JSX.Element {
  const source = useSource();
  const metrics = study.metrics.filter((name) => source.has(curvesPath(study, name)));
  const [metric, setMetric] = useState(study.metrics[0] ?? "");
  const [smoothing, setSmoothing] = useState(0);
  const [drag, setDrag] = useState<"zoom" | "select">("zoom");
  const answer = useCurves(study, metric);
  const chosen = picked.value;
  const choice = useMemo(
    () => ({
      ...curvesChoice(study, metric),
      smoothing,
      drag,
      picked: [...chosen],
      onPick: (trials: readonly number[]) => {
        picked.value = new Set(trials);
      },
    }),
    [study, metric, smoothing, drag, chosen],
  );
  return (
    <>
      <div class="bar controls">
        {metrics.length > 1 && (
          <Choice label="metric" value={metric} options={metrics} onChoose={setMetric} />
        )}
        <Choice
          label="dragging"
          value={drag}
          options={[
            { value: "zoom", text: "zooms in" },
            { value: "select", text: "picks trials" },
          ]}
          onChoose={(value) => setDrag(value === "select" ? "select" : "zoom")}
        />
        <label class="choice">
          <span>smoothing</span>
          <input
            type="range"
            min={0}
            max={0.95}
            step={0.05}
            value={smoothing}
            onInput={({ currentTarget }) => setSmoothing(Number(currentTarget.value))}
          />
        </label>
      </div>
      <Awaited answer={answer}>
        {(columns) => (
          <div class="columns">
            <div class="column wide">
              <Card title={`Learning curves of ${metric}`} class="plot-card">
                {columns.trials.length === 0 ? (
                  <Empty>There is nothing to draw yet: it takes a trial that reported {metric}.</Empty>
                ) : (
                  <CurvesPlot curves={columns} choice={choice} name={`${study.name} ${metric}`} />
                )}
              </Card>
            </div>
            <div class="column">
              <PickedList study={study} curves={columns} />
            </div>
          </div>
        )}
      </Awaited>
    </>
  );
}
