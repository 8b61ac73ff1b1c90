import type { JSX } from "preact";
import { pathOf } from "../../../views/answer-path.js";
import type { PopulationView, StageView, StudyView } from "../../../views/contract.js";
import { useAnswer } from "../answers.js";
import { Awaited, Card, Empty, To } from "../parts.js";
import { counted, momentText, numberText } from "../text.js";
import { Plots } from "./plots.js";

/** How a model was trained, part by part. */
export const Stages = (props: {
  readonly study: string;
  readonly history: readonly StageView[];
}): JSX.Element => (
  <div class="scroll" role="region" aria-label="Parts of the training" tabIndex={0}>
    <table class="list">
      <thead>
        <tr>
          <th scope="col">trial</th>
          <th scope="col" class="number">
            from step
          </th>
          <th scope="col" class="number">
            to step
          </th>
          <th scope="col">params</th>
        </tr>
      </thead>
      <tbody>
        {props.history.map(({ trial, fromStep, toStep, params }) => (
          <tr key={`${trial} ${fromStep}`}>
            <th scope="row">
              <To to={{ view: "trial", study: props.study, trial }}>{trial}</To>
            </th>
            <td class="number">{fromStep}</td>
            <td class="number">{toStep}</td>
            <td class="wrap">{params.map(({ name, text }) => `${name} ${text}`).join(", ")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const HEADS = [
  ["time", ""],
  ["trial", "number"],
  ["gave up step", "number"],
  ["with value", "number"],
  ["for trial", "number"],
  ["step", "number"],
  ["with value", "number"],
  ["changed", ""],
] as const;

function Copies({ study, view }: { readonly study: StudyView; readonly view: PopulationView }): JSX.Element {
  const { copies, copiesInAll, failedCopies } = view;
  const rest = copiesInAll - copies.length;
  const trialOf = (trial: number): JSX.Element => (
    <To to={{ view: "trial", study: study.name, trial }}>{trial}</To>
  );
  return (
    <Card title={counted(copiesInAll, "exploit")}>
      {copies.length === 0 ? (
        <Empty>No trial has gone on with another one's model yet.</Empty>
      ) : (
        <div class="scroll side" role="region" aria-label="Exploits, the newest first" tabIndex={0}>
          <table class="list">
            <thead>
              <tr>
                {HEADS.map(([head, kind], place) => (
                  <th key={place} scope="col" class={kind}>
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {copies.map(({ time, trial, gaveUpStep, gaveUpValue, parent, step, value, changes }, place) => (
                <tr key={place}>
                  <td>{time === null ? "–" : momentText(time)}</td>
                  <td class="number">{trialOf(trial)}</td>
                  <td class="number">{gaveUpStep}</td>
                  <td class="number">{numberText(gaveUpValue)}</td>
                  <td class="number">{trialOf(parent)}</td>
                  <td class="number">{step}</td>
                  <td class="number">{numberText(value)}</td>
                  <td class="wrap">{changes}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rest > 0 && <p class="hint">and {rest} before them</p>}
      {failedCopies > 0 && (
        <p class="hint">
          {failedCopies} more could not be carried out: the parent's snapshot was gone or changed.
        </p>
      )}
    </Card>
  );
}

/** A population: its plots, how its best model came about, and all exploits. */
export function Population({ study }: { readonly study: StudyView }): JSX.Element {
  const answer = useAnswer<PopulationView>(pathOf(["studies", study.name, "population"]));
  return (
    <>
      <Plots study={study} part="population" />
      <Awaited answer={answer}>
        {(view) => (
          <>
            {view.best !== null && (
              <Card title={`How the model of trial ${view.best.trial}, the best, was trained`}>
                <Stages study={study.name} history={view.best.history} />
              </Card>
            )}
            <Copies study={study} view={view} />
          </>
        )}
      </Awaited>
    </>
  );
}
