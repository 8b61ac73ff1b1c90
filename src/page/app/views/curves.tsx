import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { StudyView } from "../../../views/contract.js";
import type { CurveColumns } from "../../../views/curve-columns.js";
import { PickedActions } from "../actions.js";
import { CurvesPlot, curveOptions, curvesPath, useCurves } from "../curves-plot.js";
import { chooseCurves } from "../merge-curves.js";
import { Awaited, Card, Choice, Empty, Fate, Swatch, Tick, To } from "../parts.js";
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
      title={counted(picked.value.size, "picked trial")}
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
        <Empty>Drag a box over curves to pick them. Click one to open its trial.</Empty>
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
  const [isLogX, setLogX] = useState(false);
  const [isLogY, setLogY] = useState(false);
  const [smoothing, setSmoothing] = useState(0);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const answer = useCurves(study, metric);
  const curves = useMemo(
    () =>
      answer.value === undefined
        ? undefined
        : chooseCurves(answer.value, (_, state) => !hidden.has(study.counts[state]?.state ?? "")),
    [answer.value, hidden],
  );
  const best = metric === study.metrics[0] ? study.best?.trial : undefined;
  const chosen = picked.value;
  const options = useMemo(
    () => ({
      ...curveOptions(study, metric),
      best,
      isLogX,
      isLogY,
      smoothing,
      picked: chosen,
      onPick: (trials: readonly number[]) => {
        picked.value = new Set(trials);
      },
    }),
    [study.name, metric, best, isLogX, isLogY, smoothing, chosen],
  );
  const present = study.counts.filter(({ count }) => count > 0);
  return (
    <>
      <div class="bar controls">
        {metrics.length > 1 && (
          <Choice label="metric" value={metric} options={metrics} onChoose={setMetric} />
        )}
        <Tick isOn={isLogX} onTick={setLogX}>
          log steps
        </Tick>
        <Tick isOn={isLogY} onTick={setLogY}>
          log values
        </Tick>
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
        <div class="ticks" role="group" aria-label="States">
          {present.map(({ state, colour, count }) => (
            <Tick
              key={state}
              isOn={!hidden.has(state)}
              onTick={(isOn) => {
                const next = new Set(hidden);
                if (isOn) next.delete(state);
                else next.add(state);
                setHidden(next);
              }}
            >
              <Fate state={`${state} ${count}`} colour={colour} />
            </Tick>
          ))}
        </div>
      </div>
      <Awaited answer={{ ...answer, value: curves }}>
        {(columns) => (
          <div class="columns">
            <div class="column wide">
              <Card title={`Learning curves of ${metric}`} class="plot-card">
                <p class="sentence">
                  {counted(columns.trials.length, "curve")} with {counted(columns.steps.length, "point")}.
                </p>
                {answer.value?.trials.length === 0 ? (
                  <Empty>There is nothing to draw yet: it takes a trial that reported {metric}.</Empty>
                ) : (
                  <CurvesPlot curves={columns} options={options} name={`${study.name} ${metric}`} />
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
