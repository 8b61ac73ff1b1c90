import type { JSX } from "preact";
import { pathOf } from "../../../views/answer-path.js";
import type { CompareView } from "../../../views/contract.js";
import { useAnswer } from "../answers.js";
import { Awaited, Card, Empty, StateBadge, To } from "../parts.js";
import { FigurePlot } from "../plot.js";
import { numberText } from "../text.js";

/** Several studies beside each other. */
export function Compare({ studies }: { readonly studies: readonly string[] }): JSX.Element {
  const answer = useAnswer<CompareView>(studies.length < 2 ? undefined : pathOf(["compare"], { studies }));
  return (
    <>
      <h1>Comparison</h1>
      {studies.length < 2 ? (
        <Empty>
          Choose two studies or more in the <To to={{ view: "studies" }}>list of studies</To>.
        </Empty>
      ) : (
        <Awaited answer={answer}>
          {({ plots, studies: rows }) => (
            <>
              <div class="scroll card flush" role="region" aria-label="Studies compared" tabIndex={0}>
                <table class="list">
                  <thead>
                    <tr>
                      <th scope="col">study</th>
                      <th scope="col">state</th>
                      <th scope="col">goal</th>
                      <th scope="col" class="number">
                        best
                      </th>
                      <th scope="col" class="number">
                        trials
                      </th>
                      <th scope="col" class="number">
                        steps
                      </th>
                      <th scope="col">sampler</th>
                      <th scope="col">scheduler</th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map((row) => (
                      <tr key={row.name}>
                        <th scope="row">
                          <To to={{ view: "overview", study: row.name }}>{row.name}</To>
                        </th>
                        <td>
                          <StateBadge state={row.state} />
                        </td>
                        <td>{row.goal}</td>
                        <td class="number">{numberText(row.best)}</td>
                        <td class="number">{row.trials}</td>
                        <td class="number">{row.steps}</td>
                        <td>{row.sampler}</td>
                        <td>{row.scheduler}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              {plots.map((plot) => (
                <Card key={plot.title} title={plot.title} class="plot-card">
                  <FigurePlot plot={plot} name={plot.title} />
                </Card>
              ))}
            </>
          )}
        </Awaited>
      )}
    </>
  );
}
