import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { pathOf } from "../../../views/answer-path.js";
import type { PlotChoice, StudyView } from "../../../views/contract.js";
import { combinations } from "../combinations.js";
import { Choice, Empty } from "../parts.js";
import { PlotCard } from "../plot.js";
import { useSource } from "../session.js";

/** How many params a plot is of, where it is not of all. */
const PARAMS: Readonly<Record<string, number>> = {
  slice: 1,
  contour: 2,
  rank: 2,
  "grid-3d": 3,
  "param-history": 1,
};

/** What is chosen unless somebody chooses. */
const BEST = "";

/** A plot with what can be chosen about it. */
function ChosenPlot({ study, plot }: { readonly study: StudyView; readonly plot: PlotChoice }): JSX.Element {
  const source = useSource();
  const [metric, setMetric] = useState("");
  const [params, setParams] = useState<readonly string[]>([]);
  const pathFor = (ofMetric: string, ofParams: readonly string[]): string =>
    pathOf(["studies", study.name, "plots", plot.name], { metric: ofMetric, params: ofParams });
  const count = plot.takes.includes("params") ? Math.min(PARAMS[plot.name] ?? 0, study.params.length) : 0;
  const chosen = params.length === count ? params : [];
  const metrics = plot.takes.includes("metric")
    ? study.metrics.map((name, place) => ({ value: place === 0 ? "" : name, text: name }))
    : [];
  const asked = metrics.filter(({ value }) => source.has(pathFor(value, chosen)));
  // A report has some choices only, each as a whole.
  const whole = source.isLive
    ? []
    : combinations(study.params, count).filter((names) => source.has(pathFor(metric, names)));
  const canChoose = source.isLive && count > 0 && study.params.length > count;
  const choose = (place: number, name: string): void => {
    if (name === BEST) {
      setParams([]);
      return;
    }
    const next = [...(chosen.length === 0 ? study.params.slice(0, count) : chosen)];
    const twice = next.indexOf(name);
    // Two axes of the same param say nothing: they change places.
    if (twice !== -1) next[twice] = next[place] ?? name;
    next[place] = name;
    setParams(next);
  };
  return (
    <PlotCard
      study={study}
      title={plot.title}
      summary={plot.summary}
      path={pathFor(metric, chosen)}
      class={plot.name}
      tools={
        <>
          {asked.length > 1 && <Choice label="metric" value={metric} options={asked} onChoose={setMetric} />}
          {count > 0 && whole.length > 1 && (
            <Choice
              label={count === 1 ? "param" : "params"}
              value={JSON.stringify(chosen)}
              options={[
                { value: "[]", text: "most telling" },
                ...whole.map((names) => ({ value: JSON.stringify(names), text: names.join(" and ") })),
              ]}
              onChoose={(value) => setParams(whole.find((names) => JSON.stringify(names) === value) ?? [])}
            />
          )}
          {canChoose &&
            Array.from({ length: count }, (_, place) => (
              <Choice
                key={place}
                label={count === 1 ? "param" : `param ${place + 1}`}
                value={chosen[place] ?? BEST}
                options={[{ value: BEST, text: "most telling" }, ...study.params]}
                onChoose={(name) => choose(place, name)}
              />
            ))}
        </>
      }
    />
  );
}

/** All plots of a part of the page. */
export function Plots({
  study,
  part,
}: {
  readonly study: StudyView;
  readonly part: PlotChoice["part"];
}): JSX.Element {
  const plots = study.plots.filter((plot) => plot.part === part);
  if (plots.length === 0) return <Empty>This study has no such plots.</Empty>;
  return (
    <div class="plots">
      {plots.map((plot) => (
        <ChosenPlot key={plot.name} study={study} plot={plot} />
      ))}
    </div>
  );
}
