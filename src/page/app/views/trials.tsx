import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { pathOf } from "../../../views/answer-path.js";
import type { FilteredTrials, StudyView, TrialColumn, TrialTable } from "../../../views/contract.js";
import { PickedActions } from "../actions.js";
import { useAnswer } from "../answers.js";
import { download } from "../download.js";
import { useKeys } from "../keys.js";
import { Awaited, Empty, Fate, Tick, To, Words } from "../parts.js";
import { isPrinting } from "../printing.js";
import { savedSignal } from "../saved.js";
import { Search } from "../search.js";
import { searchTrials } from "../search-trials.js";
import { go, picked, useSource } from "../session.js";
import { csvOf, type SortOrder, sortedRows, tableWindow } from "../table-rows.js";
import { counted, fileName, numberText } from "../text.js";

/** Pixels, as in the style sheet. */
const ROW = 30;
/** The most rows on paper. */
const PRINTED = 500;
/** Columns that are shown until somebody chooses. */
const FEW = 12;
/** Milliseconds without a key before the server is asked. */
const PAUSE = 300;

/** The columns that were chosen, by study. */
const columnsOf = savedSignal<Readonly<Record<string, readonly string[]>>>("columns", {}, (stored) => {
  if (typeof stored !== "object" || stored === null) return undefined;
  const known = Object.entries(stored).filter(
    ([, names]) => Array.isArray(names) && names.every((name) => typeof name === "string"),
  );
  return Object.fromEntries(known);
});

/** A value, once it has not changed for a while. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

function Heading(props: {
  readonly column: TrialColumn;
  readonly order: SortOrder;
  readonly onSort: (order: SortOrder) => void;
}): JSX.Element {
  const { column, order, onSort } = props;
  const isSorted = order.column === column.name;
  const sorted = order.descending ? "descending" : "ascending";
  return (
    <th scope="col" class={column.kind} aria-sort={isSorted ? sorted : "none"}>
      <button
        type="button"
        class="sort"
        onClick={() => onSort({ column: column.name, descending: isSorted && !order.descending })}
      >
        {column.name}
        <span aria-hidden="true">{isSorted ? (order.descending ? " ↓" : " ↑") : ""}</span>
      </button>
    </th>
  );
}

function Cell({
  column,
  row,
  study,
}: {
  readonly column: TrialColumn;
  readonly row: number;
  readonly study: StudyView;
}): JSX.Element {
  const cell = column.cells[row] ?? null;
  if (column.name === "state") {
    const fate = study.fates.find(({ state }) => state === cell);
    if (fate !== undefined) return <Fate {...fate} />;
  }
  return <>{typeof cell === "number" || cell === null ? numberText(cell) : cell}</>;
}

/** The rows that are in view of a table that may have many. */
function VirtualTable(props: {
  readonly study: StudyView;
  readonly table: TrialTable;
  readonly rows: readonly number[];
  readonly columns: readonly TrialColumn[];
  readonly order: SortOrder;
  readonly onSort: (order: SortOrder) => void;
}): JSX.Element {
  const { study, table, rows, columns, order, onSort } = props;
  const box = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState(0);
  const [height, setHeight] = useState(600);
  const [active, setActive] = useState(-1);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const { from, to, above, below } = isPrinting.value
    ? { from: 0, to: PRINTED, above: 0, below: 0 }
    : tableWindow(rows.length, ROW, scrolled, height);
  const pick = (trial: number, isPicked: boolean): void => {
    const next = new Set(picked.value);
    if (isPicked) next.add(trial);
    else next.delete(trial);
    picked.value = next;
  };
  const move = (by: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, active + by));
    setActive(next);
    const element = box.current;
    if (element === null) return;
    const top = next * ROW;
    if (top < element.scrollTop) element.scrollTop = top;
    // The heading covers one row's height.
    if (top + 2 * ROW > element.scrollTop + element.clientHeight)
      element.scrollTop = top + 2 * ROW - element.clientHeight;
  };
  const trialAt = (place: number): number | undefined => table.trials[rows[place] ?? -1];
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    Enter: () => {
      const trial = trialAt(active);
      if (trial !== undefined) go({ view: "trial", study: study.name, trial });
    },
    x: () => {
      const trial = trialAt(active);
      if (trial !== undefined) pick(trial, !picked.value.has(trial));
    },
  });
  return (
    <div
      ref={box}
      class="scroll card flush virtual"
      role="region"
      aria-label="Trials"
      tabIndex={0}
      onScroll={({ currentTarget }) => setScrolled(currentTarget.scrollTop)}
    >
      <table class="list" aria-rowcount={rows.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">
              <span class="unseen">picked</span>
            </th>
            {columns.map((column) => (
              <Heading key={column.name} column={column} order={order} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr class="gap" style={{ height: `${above}px` }} aria-hidden="true" />}
          {rows.slice(from, to).map((row, place) => {
            const trial = table.trials[row] ?? 0;
            return (
              <tr
                key={trial}
                aria-rowindex={from + place + 2}
                class={from + place === active ? "active" : ""}
              >
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Pick trial ${trial}`}
                    checked={picked.value.has(trial)}
                    onChange={({ currentTarget }) => pick(trial, currentTarget.checked)}
                  />
                </td>
                {columns.map((column) => (
                  <td key={column.name} class={column.kind}>
                    {column.name === "trial" ? (
                      <To to={{ view: "trial", study: study.name, trial }}>{trial}</To>
                    ) : (
                      <Cell column={column} row={row} study={study} />
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
          {below > 0 && <tr class="gap" style={{ height: `${below}px` }} aria-hidden="true" />}
        </tbody>
      </table>
      {rows.length === 0 && <Empty>No trial matches.</Empty>}
    </div>
  );
}

function Columns(props: {
  readonly all: readonly TrialColumn[];
  readonly shown: readonly string[];
  readonly onChoose: (names: readonly string[]) => void;
}): JSX.Element {
  const { all, shown, onChoose } = props;
  return (
    <details class="menu">
      <summary>Columns</summary>
      <div class="menu-body">
        {all.map(({ name }) => (
          <Tick
            key={name}
            isOn={shown.includes(name)}
            onTick={(isOn) =>
              onChoose(
                all.map((each) => each.name).filter((each) => (each === name ? isOn : shown.includes(each))),
              )
            }
          >
            {name}
          </Tick>
        ))}
      </div>
    </details>
  );
}

/** Says of how many trials a report leaves the details out; nothing if it has all. */
function DetailNote({
  study,
  table: { trials },
}: {
  readonly study: StudyView;
  readonly table: TrialTable;
}): JSX.Element | null {
  const source = useSource();
  const detailed = useMemo(
    () => trials.filter((trial) => source.has(pathOf(["studies", study.name, "trials", trial]))).length,
    [trials],
  );
  if (detailed === trials.length) return null;
  return (
    <p class="hint">
      <Words
        text={`All ${trials.length} trials are in the table and the curves; ${detailed} have their details here: those that failed, the best ones, and others evenly spaced over the study. \`curvewise explain\` tells of any trial.`}
      />
    </p>
  );
}

function TrialsOf({ study, table }: { readonly study: StudyView; readonly table: TrialTable }): JSX.Element {
  const { isLive } = useSource();
  const [filter, setFilter] = useState("");
  const settled = useSettled(filter).trim();
  const [order, setOrder] = useState<SortOrder>({ column: "trial", descending: true });
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const asks = isLive && settled !== "";
  const filtered = useAnswer<FilteredTrials>(
    asks ? pathOf(["studies", study.name, "trials"], { filter: settled }) : undefined,
  );
  const own = useMemo(
    () => (isLive || settled === "" ? undefined : searchTrials(table, settled)),
    [table, settled],
  );
  const last = useRef<FilteredTrials | undefined>(undefined);
  if (filtered.value !== undefined || !asks) last.current = filtered.value;
  const holding = own?.found ?? last.current;
  const states = table.columns.find(({ name }) => name === "state")?.cells;
  const rows = useMemo(() => {
    const held = holding === undefined ? undefined : new Set(holding.trials);
    const found = [...table.trials.keys()].filter((row) => held?.has(table.trials[row] ?? -1) ?? true);
    const shown = found.filter((row) => !hidden.has(String(states?.[row])));
    return sortedRows(
      shown,
      table.columns.find(({ name }) => name === order.column),
      order.descending,
    );
  }, [table, holding, hidden, order]);
  const names = columnsOf.value[study.name] ?? table.columns.slice(0, FEW).map(({ name }) => name);
  const columns = table.columns.filter(({ name }) => names.includes(name));
  const error = own?.error ?? filtered.error;
  return (
    <>
      <div class="bar">
        <Search
          label="Filter trials"
          placeholder={`${isLive ? "Filter" : "Words, or a filter"}, such as lr < 0.01 and state == "complete"`}
          value={filter}
          onSearch={setFilter}
          {...(error === undefined ? {} : { errorId: "filter-error" })}
        />
        <span class="count" aria-live="polite">
          {rows.length === table.trials.length
            ? counted(rows.length, "trial")
            : `${rows.length} of ${counted(table.trials.length, "trial")}`}
        </span>
        <Columns
          all={table.columns}
          shown={names}
          onChoose={(chosen) => {
            columnsOf.value = { ...columnsOf.value, [study.name]: chosen };
          }}
        />
        <button
          type="button"
          onClick={() => {
            const text = csvOf(
              table,
              rows,
              columns.map(({ name }) => name),
            );
            download(text, "text/csv", `${fileName(study.name, "trials")}.csv`);
          }}
        >
          Export CSV
        </button>
      </div>
      {error !== undefined && (
        <p class="problem" id="filter-error" role="alert">
          <strong>{error.message}</strong> {error.hint}
        </p>
      )}
      <div class="bar">
        <div class="ticks" role="group" aria-label="States">
          {study.counts.map(({ state, colour }) => (
            <Tick
              key={state}
              isOn={!hidden.has(state)}
              onTick={(isOn) => {
                const next = new Set(hidden);
                if (isOn) next.delete(state);
                else next.add(state);
                setHidden(next);
              }}
            >
              <Fate state={state} colour={colour} />
            </Tick>
          ))}
        </div>
        {picked.value.size > 0 && (
          <div class="bar picked">
            <b>{picked.value.size} picked</b>
            <To to={{ view: "curves", study: study.name }}>Show their curves</To>
            <button
              type="button"
              class="quiet"
              onClick={() => {
                picked.value = new Set();
              }}
            >
              Clear
            </button>
            <PickedActions study={study} trials={[...picked.value]} />
          </div>
        )}
      </div>
      <DetailNote study={study} table={table} />
      <VirtualTable
        study={study}
        table={table}
        rows={rows}
        columns={columns}
        order={order}
        onSort={setOrder}
      />
    </>
  );
}

/** The table of all trials. */
export function Trials({ study }: { readonly study: StudyView }): JSX.Element {
  const answer = useAnswer<TrialTable>(pathOf(["studies", study.name, "trials"]));
  return (
    <Awaited answer={answer}>
      {(table) =>
        table.trials.length === 0 ? (
          <Empty>There are no trials yet.</Empty>
        ) : (
          <TrialsOf study={study} table={table} />
        )
      }
    </Awaited>
  );
}
