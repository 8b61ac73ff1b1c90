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
import { type EndLine, fitEndLine, gainAt, lineVariance, type RungPoint } from "./end-line.js";
import { createNearestCurves, type NearCurve, type NearestCurves } from "./nearest-curves.js";

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
  deeperThan(rung: number): readonly Entry[];
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
  let ordered: Entry[] | undefined;
  /**
   * The lowest rungs from which lines and forecasts are up to date; both move down until a report comes.
   */
  let linesFrom = 0;
  let forecastsFrom = 0;
  const deeper: Entry[][] = rungs.map(() => []);
  const lines: EndLine[] = rungs.map(() => fitEndLine([]));
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
    }
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
    for (const [rung, curves] of deeper.entries()) deeper[rung] = curves.filter((each) => each !== entry);
    for (const other of entries.values()) other.near = undefined;
    ordered = undefined;
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
      ordered = undefined;
    }
    outdate();
    if (isLogarithmic && record.minimum <= 0) setScale(false);
    rescale(entry);
    const before = Math.max(entry.rung, record.firstRung, 0);
    entry.rung = record.rung;
    entry.diverged = record.diverged;
    for (let rung = before; rung < record.rung; rung++) deeper[rung]?.push(entry);
  };

  const fitLine = (rung: number, all: readonly Entry[]): EndLine => {
    const points: RungPoint[] = [];
    for (const entry of all) {
      if (entry.rung < rung) continue;
      const value = valueAtRung(entry, rung);
      if (!Number.isFinite(value)) continue;
      // What diverged tells nothing of where others end.
      const isDeeper = entry.rung > rung && Number.isFinite(entry.mean);
      points.push({ value, isDeeper, end: entry.mean, deviation: entry.deviation });
    }
    return fitEndLine(points);
  };

  const nearTo = (entry: Entry): readonly NearEntry[] => {
    const { rung } = entry;
    if (entry.near?.rung !== rung) {
      const search = () => createNearestCurves<Entry>(entry, pointsAt[rung] ?? 0, NEIGHBOURS);
      const near = earlier.flatMap((of) =>
        search()
          .update(of.model.deeperThan(rung))
          .map((each): NearEntry => ({ ...each, of })),
      );
      entry.near = { rung, search: search(), earlier: nearestFirst(near).slice(0, NEIGHBOURS) };
    }
    const own = entry.near.search.update(deeper[rung] ?? []);
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
    const line = lines[Math.max(rung, 0)] ?? fitEndLine([]);
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

  const inOrder = (): readonly Entry[] => {
    ordered ??= [...entries.values()].toSorted((a, b) => a.trial - b.trial);
    return ordered;
  };

  /** Brings the line of a rung up to date; it is learned from the forecasts of the rungs above. */
  const freshenLine = (rung: number): void => {
    while (linesFrom > rung) {
      freshenForecasts(linesFrom);
      linesFrom -= 1;
      lines[linesFrom] = fitLine(linesFrom, inOrder());
    }
  };

  /** Brings the forecasts at a rung and above up to date; below the first rung are trials that reached no rung. */
  const freshenForecasts = (rung: number): void => {
    while (forecastsFrom > rung) {
      const at = forecastsFrom - 1;
      freshenLine(Math.max(at, 0));
      for (const entry of inOrder()) if (entry.rung === at) forecast(entry);
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
    const all = inOrder();
    const lowest = all.reduce((least, { rung }) => Math.min(least, Math.max(rung, 0)), top);
    freshenForecasts(lowest + 1);
    freshenLine(lowest);
    const line = lines[lowest] ?? fitEndLine([]);
    return all.map((entry) => {
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
      return lines[rung] ?? fitEndLine([]);
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
      return deeper[rung] ?? [];
    },
    isPositive,
    setScale,
    toCost: (value) => (isLogarithmic ? Math.exp(value) : value),
  };
}
