import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { pathOf } from "../../views/answer-path.js";
import type { DecisionView, StudyView, TrialView } from "../../views/contract.js";
import { OwnCurve } from "./curves-plot.js";
import { Ago, Card, Facts, Fate, To, Words } from "./parts.js";
import { PlotCard } from "./plot.js";
import { useSource } from "./session.js";
import { numberText } from "./text.js";

function Neighbours(props: {
  readonly study: StudyView;
  readonly decision: DecisionView;
}): JSX.Element | null {
  const { study, decision } = props;
  if (decision.neighbours.length === 0) return null;
  return (
    <div class="scroll" role="region" aria-label="The curves that it was compared with" tabIndex={0}>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">compared with</th>
            <th scope="col">state now</th>
            <th scope="col" class="number">
              distance
            </th>
            <th scope="col" class="number">
              end as then known
            </th>
          </tr>
        </thead>
        <tbody>
          {decision.neighbours.map(({ trial, name, distance, end, state }) => {
            const fate = study.fates.find((each) => each.state === state);
            return (
              <tr key={`${name} ${trial ?? ""}`}>
                <th scope="row">
                  {trial === null ? name : <To to={{ view: "trial", study: study.name, trial }}>{name}</To>}
                </th>
                <td>{fate === undefined ? state : <Fate {...fate} />}</td>
                <td class="number">{numberText(distance)}</td>
                <td class="number">{numberText(end)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** What was decided about a trial, one decision at a time, with the curves that it was compared with. */
export function Decisions({
  study,
  trial,
}: {
  readonly study: StudyView;
  readonly trial: TrialView;
}): JSX.Element {
  const { decisions, number } = trial;
  const source = useSource();
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const last = decisions.length - 1;
  const index = Math.min(chosen ?? last, last);
  const decision = decisions[index];
  if (decision === undefined) return <></>;
  const { step, action, rule, reason, values, steps, time, hasPlot } = decision;
  const path = pathOf(["studies", study.name, "trials", number, "decisions", index]);
  const words = `${action} at step ${step}`;
  return (
    <>
      <Card title="Why" class="why">
        {decisions.length > 1 && (
          <div class="slider">
            <button
              type="button"
              aria-label="Earlier decision"
              disabled={index === 0}
              onClick={() => setChosen(index - 1)}
            >
              ‹
            </button>
            <input
              type="range"
              min={0}
              max={last}
              value={index}
              aria-label="Decision"
              aria-valuetext={`${index + 1} of ${decisions.length}: ${words}`}
              onInput={({ currentTarget }) => setChosen(Number(currentTarget.value))}
            />
            <button
              type="button"
              aria-label="Later decision"
              disabled={index === last}
              onClick={() => setChosen(index + 1)}
            >
              ›
            </button>
            <span class="count">
              {index + 1} of {decisions.length}
            </span>
          </div>
        )}
        <div aria-live="polite">
          <p class="verdict">
            <b class={`action ${action}`}>{words}</b> by {rule}, <Ago time={time} />
          </p>
          <p>{reason}</p>
        </div>
        <Facts facts={values} class="values" />
        {steps.length > 0 && (
          <p class="hint">
            Compared at {steps.length === 1 ? "step" : "steps"} {steps.join(", ")}.
          </p>
        )}
        <Neighbours study={study} decision={decision} />
      </Card>
      {hasPlot && source.has(path) ? (
        <PlotCard title="Curves at this decision" path={path} />
      ) : (
        <>
          {hasPlot && (
            <p class="hint">
              <Words
                text={`This report leaves out the curves that were compared here: \`curvewise dashboard\` draws them.`}
              />
            </p>
          )}
          <OwnCurve study={study} trial={number} />
        </>
      )}
    </>
  );
}
