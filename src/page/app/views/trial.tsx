import type { JSX } from "preact";
import { pathOf } from "../../../views/answer-path.js";
import type { StudyView, TrialView } from "../../../views/contract.js";
import { TrialActions } from "../actions.js";
import { useAnswer } from "../answers.js";
import { OwnCurve } from "../curves-plot.js";
import { Decisions } from "../decisions.js";
import { download } from "../download.js";
import { useKeys } from "../keys.js";
import { Output } from "../output.js";
import { Awaited, Card, Facts, Fate, Params, Tags, Words } from "../parts.js";
import { go, status, useSource } from "../session.js";
import { asAnswerError } from "../source.js";
import { bytesText, counted, fileName, numberText } from "../text.js";
import { Happenings } from "./overview.js";
import { Stages } from "./population.js";

function Downloads({ study, trial }: { readonly study: StudyView; readonly trial: TrialView }): JSX.Element {
  const source = useSource();
  const save = async (label: string, path: string): Promise<void> => {
    try {
      const bytes = await source.bytes(path);
      download(bytes, "application/octet-stream", fileName(study.name, "trial", trial.number, label));
    } catch (thrown) {
      status.value = { text: asAnswerError(thrown).message, isError: true };
    }
  };
  return (
    <Card title="Files">
      <ul class="plain">
        {trial.downloads.map(({ label, path, bytes }) => (
          <li key={path}>
            <button type="button" onClick={() => void save(label, path)}>
              {label}
            </button>{" "}
            <small>{bytesText(bytes)}</small>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const Failures = ({ trial }: { readonly trial: TrialView }): JSX.Element => (
  <Card title={counted(trial.failures.length, "failure")}>
    {trial.failures.map(({ code, message, hint, output }, place) => (
      <div class="failure" key={place}>
        <p>
          <strong>{message}</strong> <code>{code}</code>
        </p>
        {hint !== null && (
          <p class="hint">
            <Words text={hint} />
          </p>
        )}
        {output.length > 0 && (
          <pre class="output" role="region" aria-label={`Output at failure ${place + 1}`} tabIndex={0}>
            {output.join("\n")}
          </pre>
        )}
      </div>
    ))}
  </Card>
);

/** Everything about one trial: first of all, why it is as it is. */
export function TrialPage({
  study,
  number,
}: {
  readonly study: StudyView;
  readonly number: number;
}): JSX.Element {
  const answer = useAnswer<TrialView>(pathOf(["studies", study.name, "trials", number]));
  const count = study.counts.reduce((sum, each) => sum + each.count, 0);
  const before = number > 0 ? number - 1 : undefined;
  const after = number + 1 < count ? number + 1 : undefined;
  const goTo = (trial: number | undefined): void => {
    if (trial !== undefined) go({ view: "trial", study: study.name, trial });
  };
  useKeys({ j: () => goTo(after), k: () => goTo(before) });
  return (
    <>
      <div class="bar title-bar">
        <h2 class="page-title">Trial {number}</h2>
        <nav class="buttons" aria-label="Trials beside it">
          <button type="button" disabled={before === undefined} onClick={() => goTo(before)}>
            ‹ previous
          </button>
          <button type="button" disabled={after === undefined} onClick={() => goTo(after)}>
            next ›
          </button>
        </nav>
      </div>
      <Awaited answer={answer}>
        {(trial) => (
          <>
            <section class="card conclusion" aria-label="Conclusion">
              <p class="lede">
                <Fate state={trial.state} colour={trial.colour} />
                <span>
                  <Words text={trial.conclusion} />
                </span>
              </p>
              <p class="standing">
                {trial.value !== null && (
                  <span>
                    {study.metrics[0]} <b>{numberText(trial.value)}</b>
                  </span>
                )}
                {trial.rank !== null && (
                  <span>
                    place <b>{trial.rank}</b> of {trial.ranked}
                  </span>
                )}
              </p>
              <Tags tags={trial.tags} />
              <TrialActions study={study} trial={trial} />
            </section>
            <div class="columns">
              <div class="column wide">
                <Decisions key={number} study={study} trial={trial} />
                {trial.decisions.length === 0 && <OwnCurve study={study} trial={number} />}
                {trial.failures.length > 0 && <Failures trial={trial} />}
                {trial.hasOutput && (
                  <Output
                    key={number}
                    study={study.name}
                    trial={number}
                    isRunning={trial.state === "running"}
                  />
                )}
              </div>
              <div class="column">
                <Card title="Params">
                  <Params params={trial.params} />
                </Card>
                <Card title="Facts">
                  <Facts facts={trial.facts} class="rows" />
                </Card>
                {trial.history.length > 1 && (
                  <Card title="How its model came about">
                    <Stages study={study.name} history={trial.history} />
                  </Card>
                )}
                {trial.notes.length > 0 && (
                  <Card title="Notes">
                    <Happenings study={study.name} list={trial.notes} />
                  </Card>
                )}
                {trial.downloads.length > 0 && <Downloads study={study} trial={trial} />}
              </div>
            </div>
          </>
        )}
      </Awaited>
    </>
  );
}
