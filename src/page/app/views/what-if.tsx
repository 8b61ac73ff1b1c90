import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { pathOf } from "../../../views/answer-path.js";
import type { StudyView, WhatIfView } from "../../../views/contract.js";
import { useAnswer } from "../answers.js";
import { Awaited, Card, Choice, Empty } from "../parts.js";
import { FigurePlot } from "../plot.js";
import { useSource } from "../session.js";

/** A study under another scheduler. It is worked out once: that takes the server a while. */
export function WhatIf({ study }: { readonly study: StudyView }): JSX.Element {
  const source = useSource();
  const pathFor = (scheduler: string): string => pathOf(["studies", study.name, "what-if"], { scheduler });
  const schedulers = study.schedulers.filter((scheduler) => source.has(pathFor(scheduler)));
  const [chosen, setChosen] = useState(schedulers[0] ?? "");
  const answer = useAnswer<WhatIfView>(chosen === "" ? undefined : pathFor(chosen), true);
  if (chosen === "") return <Empty>There is no scheduler to replay this study under.</Empty>;
  return (
    <Card
      title="What if another scheduler had decided?"
      tools={<Choice label="scheduler" value={chosen} options={schedulers} onChoose={setChosen} />}
    >
      <Awaited answer={answer}>
        {({ scheduler, plot, facts, caveat }) => (
          <>
            <div class="scroll" role="region" aria-label="What happened, and what would have" tabIndex={0}>
              <table class="list compared">
                <thead>
                  <tr>
                    <td />
                    <th scope="col" class="number">
                      as it was
                    </th>
                    <th scope="col" class="number">
                      under {scheduler}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {facts.map(({ label, real, replayed }) => (
                    <tr key={label}>
                      <th scope="row">{label}</th>
                      <td class="number">{real}</td>
                      <td class="number">{replayed}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <p class="hint">{caveat}</p>
            <FigurePlot plot={plot} name={plot.title} />
          </>
        )}
      </Awaited>
    </Card>
  );
}
