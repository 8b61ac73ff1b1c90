import type { JSX } from "preact";
import { pathOf } from "../../../views/answer-path.js";
import type { RungsView, StudyView } from "../../../views/contract.js";
import { useAnswer } from "../answers.js";
import { Awaited, Card, Empty, Swatch } from "../parts.js";
import { numberText } from "../text.js";

type Rung = RungsView["rungs"][number];

const PARTS = [
  ["wentOn", "went on"],
  ["waiting", "wait here"],
  ["ended", "ended here"],
] as const;

function RungRow({ rung, most }: { readonly rung: Rung; readonly most: number }): JSX.Element {
  return (
    <tr>
      <th scope="row" class="number">
        {rung.step}
      </th>
      <td class="rung-cell">
        <div class="rung" style={{ width: `${(100 * rung.reached) / most}%` }} aria-hidden="true">
          {PARTS.map(([part]) => (
            <span key={part} class={part} style={{ flexGrow: rung[part] }} hidden={rung[part] === 0} />
          ))}
        </div>
      </td>
      <td class="number">
        <b>{rung.reached}</b>
      </td>
      {PARTS.map(([part]) => (
        <td key={part} class="number">
          {rung[part]}
        </td>
      ))}
      <td class="number">{numberText(rung.best)}</td>
      <td class="number">{numberText(rung.worst)}</td>
    </tr>
  );
}

/** How far trials have come. */
export function Rungs({ study }: { readonly study: StudyView }): JSX.Element {
  const answer = useAnswer<RungsView>(pathOf(["studies", study.name, "rungs"]));
  return (
    <Card title="Rungs">
      <Awaited answer={answer}>
        {({ rungs, sentence }) => {
          const most = Math.max(1, ...rungs.map(({ reached }) => reached));
          return (
            <>
              <p class="sentence">{sentence}</p>
              {rungs.length === 0 ? (
                <Empty>Trials of this study are compared at no fixed steps.</Empty>
              ) : (
                <>
                  <ul class="legend rung-legend" aria-hidden="true">
                    {PARTS.map(([part, text]) => (
                      <li key={part} class={part}>
                        <Swatch colour="currentColor" />
                        <span>{text}</span>
                      </li>
                    ))}
                  </ul>
                  <div class="scroll" role="region" aria-label="Rungs as a table" tabIndex={0}>
                    <table class="list ladder">
                      <thead>
                        <tr>
                          <th scope="col" class="number">
                            step
                          </th>
                          <th scope="col">
                            <span class="unseen">bar</span>
                          </th>
                          <th scope="col" class="number">
                            reached
                          </th>
                          {PARTS.map(([part, text]) => (
                            <th key={part} scope="col" class="number">
                              {text}
                            </th>
                          ))}
                          <th scope="col" class="number">
                            best {study.metrics[0]}
                          </th>
                          <th scope="col" class="number">
                            worst
                          </th>
                        </tr>
                      </thead>
                      <tbody>
                        {rungs.toReversed().map((rung) => (
                          <RungRow key={rung.step} rung={rung} most={most} />
                        ))}
                      </tbody>
                    </table>
                  </div>
                </>
              )}
            </>
          );
        }}
      </Awaited>
    </Card>
  );
}
