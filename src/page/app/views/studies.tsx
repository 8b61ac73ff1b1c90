import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { StudiesView, StudyRow } from "../../../views/contract.js";
import { useAnswer } from "../answers.js";
import { Ago, Awaited, Empty, StateBadge, Tags, To, Words } from "../parts.js";
import { Search } from "../search.js";
import { go } from "../session.js";
import { counted, numberText } from "../text.js";

const WIDTH = 96;
const HEIGHT = 24;

/** The best value over the steps, as a line without scale. */
function Spark({ values }: { readonly values: readonly number[] }): JSX.Element | null {
  if (values.length < 2) return null;
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  const points = values.map((value, place) => {
    const x = 1 + (place / (values.length - 1)) * (WIDTH - 2);
    return `${x.toFixed(1)},${(2 + (1 - (value - low) / range) * (HEIGHT - 4)).toFixed(1)}`;
  });
  return (
    <svg class="spark" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <polyline points={points.join(" ")} fill="none" stroke="currentColor" stroke-width="1.5" />
    </svg>
  );
}

const matches = (
  { name, goal, sampler, scheduler, state, tags }: StudyRow,
  words: readonly string[],
): boolean => {
  const text = [name, goal, sampler, scheduler, state, ...tags].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
};

function Row(props: {
  readonly row: StudyRow;
  readonly isChosen: boolean;
  readonly onChoose: (isChosen: boolean) => void;
}): JSX.Element {
  const { row, isChosen, onChoose } = props;
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          aria-label={`Compare ${row.name}`}
          checked={isChosen}
          onChange={({ currentTarget }) => onChoose(currentTarget.checked)}
        />
      </td>
      <th scope="row">
        <To to={{ view: "overview", study: row.name }}>{row.name}</To>
        <Tags tags={row.tags} />
      </th>
      <td>
        <StateBadge state={row.state} />
      </td>
      <td>{row.goal}</td>
      <td class="number">{numberText(row.best)}</td>
      <td>
        <Spark values={row.spark} />
      </td>
      <td class="number">{row.trials}</td>
      <td class="number">{row.steps}</td>
      <td>{row.sampler}</td>
      <td>{row.scheduler}</td>
      <td>
        <Ago time={row.updatedAt} />
      </td>
    </tr>
  );
}

/** The list of studies. */
export function Studies(): JSX.Element {
  const answer = useAnswer<StudiesView>("studies");
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const choose = (name: string, isChosen: boolean): void => {
    const next = new Set(chosen);
    if (isChosen) next.add(name);
    else next.delete(name);
    setChosen(next);
  };
  return (
    <>
      <h1>Studies</h1>
      <Awaited answer={answer}>
        {({ studies, location }) => {
          const shown = studies.filter((row) => matches(row, words));
          return (
            <>
              <div class="bar">
                <Search label="Search studies" value={search} onSearch={setSearch} />
                <span class="count">
                  {shown.length === studies.length
                    ? counted(studies.length, "study").replace("studys", "studies")
                    : `${shown.length} of ${studies.length}`}
                  {location !== null && ` in ${location}`}
                </span>
                <button
                  type="button"
                  disabled={chosen.size < 2}
                  onClick={() => go({ view: "compare", studies: [...chosen] })}
                >
                  Compare {chosen.size > 0 ? chosen.size : ""}
                </button>
              </div>
              {studies.length === 0 ? (
                <Empty>
                  <Words text="There are no studies yet. `curvewise run` begins one." />
                </Empty>
              ) : (
                <div class="scroll card flush" role="region" aria-label="Studies" tabIndex={0}>
                  <table class="list studies">
                    <thead>
                      <tr>
                        <th scope="col">
                          <span class="unseen">Compare</span>
                        </th>
                        <th scope="col">study</th>
                        <th scope="col">state</th>
                        <th scope="col">goal</th>
                        <th scope="col" class="number">
                          best
                        </th>
                        <th scope="col">so far</th>
                        <th scope="col" class="number">
                          trials
                        </th>
                        <th scope="col" class="number">
                          steps
                        </th>
                        <th scope="col">sampler</th>
                        <th scope="col">scheduler</th>
                        <th scope="col">changed</th>
                      </tr>
                    </thead>
                    <tbody>
                      {shown.map((row) => (
                        <Row
                          key={row.name}
                          row={row}
                          isChosen={chosen.has(row.name)}
                          onChoose={(isChosen) => choose(row.name, isChosen)}
                        />
                      ))}
                    </tbody>
                  </table>
                  {shown.length === 0 && <Empty>No study matches.</Empty>}
                </div>
              )}
            </>
          );
        }}
      </Awaited>
    </>
  );
}
