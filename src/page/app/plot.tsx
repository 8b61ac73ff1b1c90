import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { PlotView, StudyView } from "../../views/contract.js";
import { useAnswer } from "./answers.js";
import { download } from "./download.js";
import { asTable, type Drawn, type DrawnFigure, drawFigure, type FigureTable } from "./drawing.js";
import { Awaited, Card, Empty } from "./parts.js";
import { PickedTrial } from "./picked-trial.js";
import { isDark } from "./session.js";
import { fileName, numberText } from "./text.js";

/** What all plots have: the table twin, and the picture as a file. */
export function PlotTools(props: {
  readonly drawn: Drawn | undefined;
  readonly name: string;
  readonly isTable: boolean;
  readonly onTable: (isTable: boolean) => void;
}): JSX.Element {
  const { drawn, name, isTable, onTable } = props;
  const save = async (type: "svg" | "png"): Promise<void> => {
    if (drawn === undefined) return;
    const file = `${fileName(name)}.${type}`;
    if (type === "svg") download(drawn.svg(), "image/svg+xml", file);
    else download(await drawn.png(), "image/png", file);
  };
  return (
    <div class="plot-tools">
      <button type="button" class="quiet" aria-pressed={isTable} onClick={() => onTable(!isTable)}>
        Table
      </button>
      <button type="button" class="quiet" aria-label={`Save ${name} as SVG`} onClick={() => void save("svg")}>
        SVG
      </button>
      <button type="button" class="quiet" aria-label={`Save ${name} as PNG`} onClick={() => void save("png")}>
        PNG
      </button>
    </div>
  );
}

/** A figure as a table. */
export function TableTwin({
  table,
  label,
}: {
  readonly table: FigureTable;
  readonly label: string;
}): JSX.Element {
  const { columns, rows, total } = table;
  return (
    <div class="scroll twin" role="region" aria-label={`Table: ${label}`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((name, place) => (
              <th key={place} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row}>
              {cells.map((cell, place) => (
                <td key={place} class={typeof cell === "number" ? "number" : ""}>
                  {typeof cell === "number" ? numberText(cell) : cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {total > rows.length && (
        <p class="hint">
          The first {rows.length} of {total} rows.
        </p>
      )}
    </div>
  );
}

interface FigurePlotProps {
  readonly plot: PlotView;
  readonly name: string;
  /** Whose trials its points are, which can then be picked. */
  readonly study?: StudyView | undefined;
}

/** A figure with its words. */
export function FigurePlot(props: FigurePlotProps): JSX.Element {
  const { needs } = props.plot;
  if (needs !== null) return <Empty>There is nothing to draw yet: it takes {needs}.</Empty>;
  return <DrawnPlot {...props} />;
}

function DrawnPlot({ plot, name, study }: FigurePlotProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<DrawnFigure | undefined>(undefined);
  const [isTable, setTable] = useState(false);
  const [picked, setPicked] = useState<number | undefined>(undefined);
  const dark = isDark();
  const label = `${plot.title}. ${plot.sentence}`;
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = drawFigure(element, plot.figure, label, study === undefined ? undefined : setPicked);
    setDrawn(made);
    return () => made.remove();
  }, []);
  useEffect(() => drawn?.update(plot.figure, label), [plot]);
  // The colours are those of the page, which has changed by then.
  useEffect(() => drawn?.theme(), [dark]);
  return (
    <div class="plot">
      <p class="sentence">{plot.sentence}</p>
      <PlotTools drawn={drawn} name={name} isTable={isTable} onTable={setTable} />
      <div class="canvas" ref={place} hidden={isTable} />
      {study !== undefined && picked !== undefined && (
        <PickedTrial key={picked} study={study} trial={picked} onClose={() => setPicked(undefined)} />
      )}
      {isTable && <TableTwin table={asTable(plot.figure)} label={plot.title} />}
    </div>
  );
}

/** A plot that is asked for, in a card. */
export function PlotCard(props: {
  /** Undefined: not all that it takes is chosen. */
  readonly path: string | undefined;
  readonly title: string;
  readonly summary?: string;
  readonly tools?: ComponentChildren;
  readonly class?: string;
  readonly isSteady?: boolean;
  /** Whose trials its points are, which can then be picked. */
  readonly study?: StudyView;
}): JSX.Element {
  const { path, title, summary, tools, study, isSteady = false } = props;
  const answer = useAnswer<PlotView>(path, isSteady);
  return (
    <Card title={title} class={`plot-card ${props.class ?? ""}`} tools={tools}>
      {summary !== undefined && answer.value?.needs !== null && <p class="hint">{summary}</p>}
      <Awaited answer={answer}>{(plot) => <FigurePlot plot={plot} name={title} study={study} />}</Awaited>
    </Card>
  );
}
