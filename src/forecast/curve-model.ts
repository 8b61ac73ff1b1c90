import type { Goal } from "../core/goal.js";
import type { TransferredStudy } from "../core/study.js";
import {
  type CurveRecord,
  comparisonSteps,
  createCurveRecord,
  type RecordedTrial,
  settle,
  takeReports,
} from "./curve-record.js";
import { type EndLine, fitEndLine, gainAt, lineVariance } from "./end-line.js";
import {
  type ComparedCurves,
  createComparedCurves,
  createNearestCurves,
  type NearCurve,
  type NearestCurves,
} from "./nearest-curves.js";
import { addDeeper, addValue, createBlockSums, emptySums } from "./rung-sums.js";

/** How many nearest curves a forecast uses. */
const NEIGHBOURS = 7;
/** The kernel's width, as a share of the standard deviation of the values at the rung. */
const BANDWIDTH = 0.1;
/** The line's weight in a forecast, counted in neighbours: a curve like no other is forecast by the line alone. */
const LINE_WEIGHT = 0.5;
/** The weight of a neighbour from an earlier study; one from this study has weight 1. */
const EARLIER_WEIGHT = 0.1;
/** Neighbours with less weight than this are ignored. */
const LEAST_WEIGHT = 1e-4;

/**
 * The ends of trials lie within so many deviations of their forecasts in 80 % of all cases: a third more than if errors were
 * normal and independent. Chosen on recorded curves, see bench/calibration.mjs.
 */
export const INTERVAL_DEVIATIONS = 1.67;

/** The expected end of a trial, in the model's scale. */
export interface CurveForecast {
  readonly trial: number;
  /** The highest rung that it reached, by place; -1: none. Rungs count from its first report of the goal metric. */
  readonly rung: number;
  /** Its value so far: the last one, or the least one where the best report counts. */
  readonly present: number;
  /** That value at the end of its training: expectation and standard deviation (0: it is known). */
  readonly mean: number;
  readonly deviation: number;
  readonly diverged: boolean;
}

/** Where a trial stands by its own reports. */
export interface CurveStanding extends Pick<CurveForecast, "rung" | "present" | "diverged"> {
  /** The rung that its first report of the goal metric tells of: those below do not count. Below all: -1. */
  readonly firstRung: number;
  /** The step of the report at which it reached its rung; 0 before the first rung. */
  readonly arrival: number;
}

/** A neighbour that went into a forecast. */
export interface ForecastNeighbour {
  readonly trial: number;
  /** The earlier study that it belongs to; undefined: this one. */
  readonly study: string | undefined;
  /** Root mean squared difference between the two curves, in the model's scale. */
  readonly distance: number;
  /** Its own forecast, in the model's scale. */
  readonly end: number;
}

/** What to expect of a trial's end, in the model's scale; see {@link CurveForecast}. */
export type Outlook = Pick<CurveForecast, "trial" | "mean">;

interface Entry extends CurveForecast {
  readonly record: CurveRecord;
  /** The record's points in the model's scale. */
  values: Float64Array;
  /** The record's costs at rungs, likewise. */
  atRungs: number[];
  scaled: number;
  rung: number;
  present: number;
  mean: number;
  deviation: number;
  diverged: boolean;
  near:
    | {
        readonly rung: number;
        readonly search: NearestCurves<Entry & { trial: number }>;
        /** The nearest from earlier studies, which do not change. */
        readonly earlier: readonly NearEntry[];
      }
    | undefined;
}

/** A neighbour; `of`: the earlier study that it belongs to. */
interface NearEntry extends NearCurve<Entry> {
  readonly of?: EarlierStudy;
}

interface EarlierStudy {
  readonly name: string;
  readonly model: StudyModel;
}

/** A study's model, as another study's model sees it. */
interface StudyModel extends CurveModel {
  /** The curves that went beyond a rung. */
  deeperThan(rung: number): ComparedCurves<Entry>;
  /** Whether all costs are positive. */
  isPositive(): boolean;
  /** Whether values are compared as logarithms. */
  setScale(isLogarithmic: boolean): void;
}

/**
 * Forecasts the ends of trainings from learning curves alone. Values are compared as logarithms as long as all of them
 * are positive, and unchanged otherwise. At each rung, deepest first, a line maps the value there to the end; it is
 * learned from the trials that went deeper, whose own ends may be forecasts. A kernel over the nearest curves, shifted
 * to the trial's own value, corrects the line: a curve that looks like flat ones is expected to stay flat with high
 * certainty, and the forecast of a curve like no other is uncertain.
 *
 * Curves from earlier studies may be neighbours too. They contribute how they deviated from their own study's line, so
 * that a study in which all values are higher, or all fall further, does not mislead. They weigh little compared with
 * this study's own, and they only correct its lines once it has any: using the lines of other studies instead made
 * forecasts worse.
 *
 * The state depends on the trials' curves alone, not on the order in which they arrived.
 */
export interface CurveModel {
  /** The steps of the rungs; the last one is the end of a complete training. */
  readonly rungs: readonly number[];
  /** Adds a trial's new reports. */
  update(trial: RecordedTrial): void;
  /** Sets the earlier studies, replacing any set before. Equally near curves keep the order of their studies. */
  transfer(studies: readonly TransferredStudy[]): void;
  /** Where a trial stands by its own reports. Undefined before its first report of the goal metric. */
  standingOf(trial: number): CurveStanding | undefined;
  /** The forecast of one trial; quicker than all of them. Undefined before its first report of the goal metric. */
  forecastOf(trial: number): CurveForecast | undefined;
  /** The forecasts of all trials that reported the goal metric, by trial number. */
  forecasts(): ReadonlyMap<number, CurveForecast>;
  /**
   * The same from a rung on, which is quicker; of trials below it there may be older ones. @param rung by place
   */
  forecastsFrom(rung: number): ReadonlyMap<number, CurveForecast>;
  /**
   * Which ends to expect of all trials that reported the goal metric, ordered by trial. Those of trials at the lowest rung that
   * any trial is at, most of them in studies with many, follow from the line alone, which is much quicker.
   */
  outlook(): readonly Outlook[];
  /** The line of a rung. */
  lineAt(rung: number): EndLine;
  /** The curves behind a trial's forecast, nearest first; at most as many from earlier studies as from this one. */
  neighboursOf(trial: number): readonly ForecastNeighbour[];
  /** Converts from the model's scale to a cost (the goal metric, negated if it is maximized). */
  toCost(value: number): number;
}

/** Creates a study's model. @param rungs the steps of its rungs and, last, the end of a complete training */
export function createCurveModel(goal: Goal, rungs: readonly number[]): CurveModel {
  return createStudyModel(goal, rungs);
}

/** Whether a trial's end is known, or that it has none, so that it follows from no line. */
const isSettled = ({ rung, diverged }: Entry, top: number): boolean => rung === top || diverged;

/** The place of a trial in a list in order of trials, or where it belongs. */
function placeIn(list: readonly { readonly trial: number }[], trial: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.trial ?? 0) < trial) low = middle + 1;
    else high = middle;
  }
  return low;
}

function removeFrom<Item extends { readonly trial: number }>(list: Item[], item: Item): void {
  const place = placeIn(list, item.trial);
  if (list[place] === item) list.splice(place, 1);
}

/** Equally near ones keep their order. */
const nearestFirst = (curves: readonly NearEntry[]): NearEntry[] =>
  curves.toSorted((a, b) => a.distance - b.distance);

function createStudyModel(goal: Goal, rungs: readonly number[]): StudyModel {
  const top = rungs.length - 1;
  const steps = comparisonSteps(rungs[top] ?? 1, rungs);
  const pointsAt = rungs.map((rung) => steps.filter((step) => step <= rung).length);
  const records = new Map<number, CurveRecord>();
  /** Of the trials that reported the goal metric. */
  const entries = new Map<number, Entry>();
  const ordered: Entry[] = [];
  /** By rung + 1: the trials at it whose ends are forecast by lines, in order. */
  const forecastAt: Entry[][] = Array.from({ length: top + 1 }, () => []);
  /** Of what does not follow from lines; a line is learned from that and from the forecasts above it. */
  const settled = createBlockSums<Entry>(top, (entry, rung, sums) => {
    if (entry.rung < rung) return;
    const value = valueAtRung(entry, rung);
    if (!Number.isFinite(value)) return;
    addValue(sums, value);
    // What diverged tells nothing of where others end.
    const isDeeper = entry.rung > rung && isSettled(entry, top) && Number.isFinite(entry.mean);
    if (isDeeper) addDeeper(sums, value, entry.mean, entry.deviation);
  });
  /**
   * The lowest rungs from which lines and forecasts are up to date; both move down until a report comes.
   */
  let linesFrom = 0;
  let forecastsFrom = 0;
  const deeper = rungs.map((_, rung) => createComparedCurves<Entry>(pointsAt.slice(0, rung + 1)));
  const noCurves = createComparedCurves<Entry>([]);
  const noLine = fitEndLine(emptySums());
  const lines: EndLine[] = rungs.map(() => noLine);
  let isLogarithmic = true;
  let earlier: readonly EarlierStudy[] = [];

  const scaleOf = (cost: number): number => (isLogarithmic ? Math.log(cost) : cost);
  /** Infinite where there is none, and so before the first rung. */
  const valueAtRung = (entry: Entry, rung: number): number => entry.atRungs[rung] ?? Number.POSITIVE_INFINITY;

  const rescale = (entry: Entry): void => {
    const { points, reached, present } = entry.record;
    entry.present = scaleOf(present);
    for (; entry.scaled < reached; entry.scaled++) {
      entry.values[entry.scaled] = scaleOf(points[entry.scaled] ?? Number.NaN);
    }
    for (let rung = entry.atRungs.length; rung < entry.record.atRungs.length; rung++) {
      entry.atRungs.push(scaleOf(entry.record.atRungs[rung] ?? Number.POSITIVE_INFINITY));
    }
  };
  const setScale = (wanted: boolean): void => {
    for (const { model } of earlier) model.setScale(wanted);
    if (isLogarithmic === wanted) return;
    isLogarithmic = wanted;
    for (const entry of entries.values()) {
      entry.scaled = 0;
      entry.atRungs = [];
      entry.near = undefined;
      rescale(entry);
      if (isSettled(entry, top)) entry.mean = entry.present;
    }
    for (const curves of deeper) curves.refresh();
    settled.touchAll();
    outdate();
  };
  const isPositive = (): boolean => [...entries.values()].every(({ record }) => record.minimum > 0);
  /** Values of all studies are compared, so they are in one scale. */
  const chooseScale = (): void => setScale(isPositive() && earlier.every(({ model }) => model.isPositive()));
  const outdate = (): void => {
    linesFrom = top;
    forecastsFrom = top + 1;
  };

  const transfer = (studies: readonly TransferredStudy[]): void => {
    earlier = studies.map(({ name, trials }) => {
      const model = createStudyModel(goal, rungs);
      for (const trial of trials) model.update(trial);
      return { name, model };
    });
    for (const entry of entries.values()) entry.near = undefined;
    chooseScale();
    outdate();
  };

  /** Forgets what is known of a trial, whose curve may have lost reports. */
  const forget = (number: number): void => {
    const entry = entries.get(number);
    records.delete(number);
    if (entry === undefined) return;
    entries.delete(number);
    settled.remove(entry);
    removeFrom(ordered, entry);
    for (const list of forecastAt) removeFrom(list, entry);
    for (const curves of deeper) curves.remove(entry);
    for (const other of entries.values()) other.near = undefined;
    outdate();
    if (!isLogarithmic) chooseScale();
  };

  const createEntry = (record: CurveRecord): Entry => ({
    trial: record.trial,
    record,
    values: new Float64Array(steps.length).fill(Number.NaN),
    atRungs: [],
    scaled: 0,
    rung: -1,
    present: Number.POSITIVE_INFINITY,
    mean: Number.POSITIVE_INFINITY,
    deviation: 0,
    diverged: false,
    near: undefined,
  });

  const insert = (entry: Entry): void => {
    if (isSettled(entry, top)) return;
    const list = forecastAt[entry.rung + 1];
    list?.splice(placeIn(list, entry.trial), 0, entry);
  };

  const update = (trial: RecordedTrial): void => {
    const { number, inheritances } = trial;
    if (records.get(number)?.inheritances !== inheritances.length) forget(number);
    const record = records.get(number) ?? createCurveRecord(number, inheritances.length, steps.length);
    records.set(number, record);
    const hasNews = takeReports(record, trial, goal, { rungs, steps });
    if (!settle(record, trial, goal) && !hasNews) return;
    let entry = entries.get(number);
    if (entry === undefined) {
      entry = createEntry(record);
      entries.set(number, entry);
      settled.add(entry);
      ordered.splice(placeIn(ordered, number), 0, entry);
      insert(entry);
    }
    outdate();
    if (isLogarithmic && record.minimum <= 0) setScale(false);
    rescale(entry);
    const before = Math.max(entry.rung, record.firstRung, 0);
    const hasMoved = entry.rung !== record.rung || entry.diverged !== record.diverged;
    if (hasMoved) removeFrom(forecastAt[entry.rung + 1] ?? [], entry);
    entry.rung = record.rung;
    entry.diverged = record.diverged;
    if (hasMoved) insert(entry);
    if (isSettled(entry, top)) {
      entry.mean = entry.present;
      entry.deviation = 0;
    }
    if (hasMoved || isSettled(entry, top)) settled.touch(number);
    for (let rung = before; rung < record.rung; rung++) deeper[rung]?.add(entry);
  };

  const fitLine = (rung: number): EndLine => {
    const sums = settled.at(rung);
    for (const list of forecastAt.slice(rung + 2)) {
      for (const entry of list) {
        const value = valueAtRung(entry, rung);
        if (Number.isFinite(value) && Number.isFinite(entry.mean))
          addDeeper(sums, value, entry.mean, entry.deviation);
      }
    }
    return fitEndLine(sums);
  };

  const nearTo = (entry: Entry): readonly NearEntry[] => {
    const { rung } = entry;
    if (entry.near?.rung !== rung) {
      const search = () => createNearestCurves<Entry>(entry, NEIGHBOURS);
      const near = earlier.flatMap((of) =>
        search()
          .update(of.model.deeperThan(rung))
          .map((each): NearEntry => ({ ...each, of })),
      );
      entry.near = { rung, search: search(), earlier: nearestFirst(near).slice(0, NEIGHBOURS) };
    }
    const own = entry.near.search.update(deeper[rung] ?? noCurves);
    if (entry.near.earlier.length === 0) return own;
    return nearestFirst([...own, ...entry.near.earlier]);
  };

  const forecast = (entry: Entry): void => {
    const { rung } = entry;
    if (rung === top || entry.diverged || !Number.isFinite(entry.present)) {
      entry.mean = entry.present;
      entry.deviation = 0;
      return;
    }
    const line = lines[Math.max(rung, 0)] ?? noLine;
    const own = valueAtRung(entry, rung);
    if (line.count === 0 || !Number.isFinite(own)) {
      entry.mean = entry.present;
      entry.deviation = Math.sqrt(line.noise);
      return;
    }
    const width = 2 * BANDWIDTH * BANDWIDTH * line.spread + 1e-14;
    let total = 0;
    let first = 0;
    let second = 0;
    for (const { curve, distance, of } of nearTo(entry)) {
      const likeness = Math.exp((-distance * distance) / width);
      if (likeness < LEAST_WEIGHT) break;
      const weight = of === undefined ? likeness : EARLIER_WEIGHT * likeness;
      const value = valueAtRung(curve, rung);
      const residual = curve.mean - value - gainAt(of?.model.lineAt(rung) ?? line, value);
      if (!Number.isFinite(residual)) continue;
      total += weight;
      first += weight * residual;
      second += weight * (residual * residual + curve.deviation * curve.deviation);
    }
    const correction = first / (total + LINE_WEIGHT);
    const local = Math.max(0, second - 2 * correction * first + total * correction * correction);
    const prior = LINE_WEIGHT * (line.noise + lineVariance(line, own));
    const expected = own + gainAt(line, own) + correction;
    // The best report can only become better.
    entry.mean = goal.of === "last" ? expected : Math.min(entry.present, expected);
    entry.deviation = Math.sqrt((local + prior) / (total + LINE_WEIGHT));
  };

  /** Brings the line of a rung up to date; it is learned from the forecasts of the rungs above. */
  const freshenLine = (rung: number): void => {
    while (linesFrom > rung) {
      freshenForecasts(linesFrom);
      linesFrom -= 1;
      lines[linesFrom] = fitLine(linesFrom);
    }
  };

  /** Brings the forecasts at a rung and above up to date; below the first rung are trials that reached no rung. */
  const freshenForecasts = (rung: number): void => {
    while (forecastsFrom > rung) {
      const at = forecastsFrom - 1;
      freshenLine(Math.max(at, 0));
      for (const entry of forecastAt[at + 1] ?? []) forecast(entry);
      forecastsFrom = at;
    }
  };

  const freshEntry = (trial: number): Entry | undefined => {
    const entry = entries.get(trial);
    if (entry === undefined || entry.rung >= forecastsFrom) return entry;
    freshenLine(Math.max(entry.rung, 0));
    forecast(entry);
    return entry;
  };

  const outlook = (): readonly Outlook[] => {
    const lowest = ordered.reduce((least, { rung }) => Math.min(least, Math.max(rung, 0)), top);
    freshenForecasts(lowest + 1);
    freshenLine(lowest);
    const line = lines[lowest] ?? noLine;
    return ordered.map((entry) => {
      const { trial, rung, present, diverged } = entry;
      if (rung > lowest) return entry;
      const own = valueAtRung(entry, lowest);
      const isUnknown = rung === top || diverged || line.count === 0 || !Number.isFinite(own);
      if (isUnknown) return { trial, mean: present };
      const expected = own + gainAt(line, own);
      return { trial, mean: goal.of === "last" ? expected : Math.min(present, expected) };
    });
  };

  return {
    rungs,
    update,
    transfer,
    standingOf: (trial) => {
      const entry = entries.get(trial);
      if (entry === undefined) return undefined;
      const { rung, present, diverged, record } = entry;
      return { rung, present, diverged, firstRung: record.firstRung, arrival: record.arrival };
    },
    forecastOf: freshEntry,
    forecasts: () => {
      freshenForecasts(-1);
      return entries;
    },
    forecastsFrom: (rung) => {
      freshenForecasts(rung);
      return entries;
    },
    outlook,
    lineAt: (rung) => {
      freshenLine(rung);
      return lines[rung] ?? noLine;
    },
    neighboursOf: (trial) => {
      const entry = freshEntry(trial);
      // Without a line there is nothing for neighbours to correct.
      if (entry === undefined || (lines[Math.max(entry.rung, 0)]?.count ?? 0) === 0) return [];
      return nearTo(entry)
        .filter(({ curve }) => Number.isFinite(curve.mean))
        .map(({ curve, distance, of }) => ({
          trial: curve.trial,
          study: of?.name,
          distance,
          end: curve.mean,
        }));
    },
    deeperThan: (rung) => {
      freshenForecasts(-1);
      return deeper[rung] ?? noCurves;
    },
    isPositive,
    setScale,
    toCost: (value) => (isLogarithmic ? Math.exp(value) : value),
  };
}
