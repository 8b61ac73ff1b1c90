import type { JSX } from "preact";
import type { FailuresView, HappeningsView } from "../../../views/contract.js";
import { Card, To, Words } from "../parts.js";
import { counted } from "../text.js";

function Reason({ study, failure }: { readonly study: string; readonly failure: FailuresView }): JSX.Element {
  const { code, message, hint, count, trials, output } = failure;
  const rest = count - trials.length;
  const [first] = trials;
  return (
    <li class="failure">
      <p>
        <strong>{message}</strong> <code>{code}</code>
      </p>
      {hint !== null && (
        <p class="hint">
          <Words text={hint} />
        </p>
      )}
      <p>
        {count === 1 ? "Trial" : "Trials"}{" "}
        {trials.map((trial, place) => (
          <span key={trial}>
            {place > 0 && ", "}
            <To to={{ view: "trial", study, trial }}>{trial}</To>
          </span>
        ))}
        {rest > 0 && ` and ${rest} more`}
      </p>
      {output.length > 0 && (
        <details>
          <summary>Last output of trial {first}</summary>
          <pre class="output" role="region" aria-label={`Last output of trial ${first}`} tabIndex={0}>
            {output.join("\n")}
          </pre>
        </details>
      )}
    </li>
  );
}

/** Why trials failed, each reason once. */
export function FailureReasons({
  study,
  view: { failures, otherFailures },
}: {
  readonly study: string;
  readonly view: HappeningsView;
}): JSX.Element | null {
  if (failures.length === 0) return null;
  return (
    <Card title="Failures">
      <ul class="reasons">
        {failures.map((failure) => (
          <Reason key={`${failure.code} ${failure.message}`} study={study} failure={failure} />
        ))}
      </ul>
      {otherFailures > 0 && (
        <p class="hint">
          and {counted(otherFailures, "more reason")}; the table of trials has all that failed.
        </p>
      )}
    </Card>
  );
}
