import type { JSX } from "preact";
import { pathOf } from "../../../views/answer-path.js";
import type { HappeningsView, HappeningView, StudyView } from "../../../views/contract.js";
import { StudyActions } from "../actions.js";
import { useAnswer } from "../answers.js";
import { Ago, Awaited, Card, Empty, Facts, Params, Swatch, To, Words } from "../parts.js";
import { PlotCard } from "../plot.js";
import { numberText, unbroken } from "../text.js";
import { FailureReasons } from "./failures.js";

/** How many trials are in each state, as a bar and in words. */
function Counts({ counts, isAway }: Pick<StudyView, "counts" | "isAway">): JSX.Element {
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  const shown = counts.filter(({ count }) => count > 0);
  return (
    <Card title={isAway ? "Trials by state, as last heard" : "Trials by state"}>
      {all === 0 ? (
        <Empty>There are no trials yet.</Empty>
      ) : (
        <>
          <div class="share-bar" aria-hidden="true">
            {shown.map(({ state, colour, count }) => (
              <span key={state} style={{ background: colour, flexGrow: count }} />
            ))}
          </div>
          <ul class="legend">
            {shown.map(({ state, colour, count }) => (
              <li key={state}>
                <Swatch colour={colour} />
                {state} <b>{count}</b>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

/** What is spent of the budget. */
const Spent = ({ spent }: { readonly spent: number }): JSX.Element => (
  <div class="spent">
    <label>
      <span>budget spent</span>
      <progress max={1} value={spent} />
    </label>
    <b>{unbroken(`${Math.round(100 * spent)} %`)}</b>
  </div>
);

/** The best trial. */
function Best({ study }: { readonly study: StudyView }): JSX.Element {
  const { best, metrics } = study;
  return (
    <Card
      title="Best trial"
      tools={
        best !== null && (
          <To to={{ view: "trial", study: study.name, trial: best.trial }}>trial {best.trial}</To>
        )
      }
    >
      {best === null ? (
        <Empty>No trial has a value yet.</Empty>
      ) : (
        <>
          <p class="big">
            {numberText(best.value)} <small>{metrics[0]}</small>
          </p>
          {best.doubt !== null && <p class="hint">{best.doubt}</p>}
          <Params params={best.params} />
        </>
      )}
    </Card>
  );
}

/** What happened, in words. */
export const Happenings = (props: {
  readonly study: string;
  readonly list: readonly HappeningView[];
}): JSX.Element => (
  <ul class="happenings">
    {props.list.map(({ time, trial, code, message, hint }) => (
      <li key={`${time} ${trial ?? ""} ${code} ${message}`}>
        <span class="when">
          <Ago time={time} />
          {trial !== null && <To to={{ view: "trial", study: props.study, trial }}>trial {trial}</To>}
        </span>
        <span>
          <Words text={message} /> <code>{code}</code>
          {hint !== null && (
            <small>
              <Words text={hint} />
            </small>
          )}
        </span>
      </li>
    ))}
  </ul>
);

function Proposers({ study }: { readonly study: StudyView }): JSX.Element | null {
  if (study.proposers.length === 0) return null;
  return (
    <Card title="Proposed by">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">proposer</th>
            <th scope="col" class="number">
              trials
            </th>
            <th scope="col" class="number">
              best
            </th>
          </tr>
        </thead>
        <tbody>
          {study.proposers.map(({ name, trials, best }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{trials}</td>
              <td class="number">{numberText(best)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

/** How a study stands. */
export function Overview({ study }: { readonly study: StudyView }): JSX.Element {
  const happenings = useAnswer<HappeningsView>(pathOf(["studies", study.name, "happenings"]));
  return (
    <>
      <section class="card tiles" aria-label="Facts">
        <Facts facts={study.facts} class="tile-facts" />
        {study.spent !== null && <Spent spent={study.spent} />}
      </section>
      <div class="columns">
        <div class="column wide">
          {study.plots
            .filter(({ part }) => part === "overview")
            .map(({ name, title, summary }) => (
              <PlotCard
                key={name}
                title={title}
                summary={summary}
                path={pathOf(["studies", study.name, "plots", name])}
              />
            ))}
        </div>
        <div class="column">
          <StudyActions study={study} />
          <Best study={study} />
          <Counts counts={study.counts} isAway={study.isAway} />
          <Proposers study={study} />
          <Card title="Definition">
            <Facts facts={study.definition} class="rows" />
          </Card>
        </div>
      </div>
      {happenings.value !== undefined && <FailureReasons study={study.name} view={happenings.value} />}
      <Card title="What happened">
        <Awaited answer={happenings}>
          {({ failures, happenings: list }) =>
            list.length > 0 ? (
              <Happenings study={study.name} list={list} />
            ) : (
              <Empty>{failures.length > 0 ? "Nothing else." : "Nothing out of the ordinary."}</Empty>
            )
          }
        </Awaited>
      </Card>
    </>
  );
}
