import type { JSX } from "preact";
import { pathOf } from "../../views/answer-path.js";
import type { StudyView, TrialView } from "../../views/contract.js";
import { TrialActions } from "./actions.js";
import { useAnswer } from "./answers.js";
import { Awaited, Fate, Params, To } from "./parts.js";
import { useSource } from "./session.js";
import { numberText } from "./text.js";

/** The trial of a point that was picked in a plot: what it is, and what may be done with it. */
export function PickedTrial(props: {
  readonly study: StudyView;
  readonly trial: number;
  readonly onClose: () => void;
}): JSX.Element {
  const { study, trial: number, onClose } = props;
  const path = pathOf(["studies", study.name, "trials", number]);
  // A report has the details of some trials only.
  const isKnown = useSource().has(path);
  const answer = useAnswer<TrialView>(isKnown ? path : undefined);
  return (
    <section class="picked-trial" aria-label="Picked point">
      <div class="bar">
        <strong aria-live="polite">
          {isKnown ? (
            <To to={{ view: "trial", study: study.name, trial: number }}>Trial {number}</To>
          ) : (
            `Trial ${number}`
          )}
        </strong>
        <button type="button" class="quiet" aria-label="Close the picked point" onClick={onClose}>
          ×
        </button>
      </div>
      {isKnown && (
        <Awaited answer={answer}>
          {(trial) => (
            <>
              <p>
                <Fate state={trial.state} colour={trial.colour} />{" "}
                {trial.value !== null && `${study.metrics[0] ?? ""} ${numberText(trial.value)}`}
              </p>
              <Params params={trial.params} />
              <TrialActions study={study} trial={trial} />
            </>
          )}
        </Awaited>
      )}
    </section>
  );
}
