import type { JSX } from "preact";
import { STUDY_COLOURS } from "../../../plots/fate.js";
import { pathOf } from "../../../views/answer-path.js";
import type { CompareView } from "../../../views/contract.js";
import { useAnswer } from "../answers.js";
import { Awaited, Card, Empty, StateBadge, Swatch, To } from "../parts.js";
import { FigurePlot } from "../plot.js";

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
          {({ lines, plots, studies: rows }) => (
            <>
              <p class="lede">{rows[0]?.goal}</p>
              <div class="scroll card flush" role="region" aria-label="Studies compared" tabIndex={0}>
                <table class="list compared">
                  <thead>
                    <tr>
                      <td />
                      {rows.map(({ name, state }, place) => (
                        <th key={name} scope="col">
                          <Swatch colour={STUDY_COLOURS[place % STUDY_COLOURS.length] ?? ""} />{" "}
                          <To to={{ view: "overview", study: name }}>{name}</To> <StateBadge state={state} />
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {lines.map(({ label, cells, winners }) => (
                      <tr key={label}>
                        <th scope="row">{label}</th>
                        {cells.map((cell, place) => (
                          <td key={place}>{winners.includes(place) ? <strong>{cell}</strong> : cell}</td>
                        ))}
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
