import type { Goal } from "../core/goal.js";
import type { TransferredStudy, TransferredTrial } from "../core/study.js";
import { type CurveRecord, comparisonSteps, createCurveRecord, takeReports } from "./curve-record.js";
import { type EndLine, fitEndLine, gainAt, lineVariance } from "./end-line.js";
import { createNearestCurves, type NearCurve, type NearestCurves } from "./nearest-curves.js";

/** How many curves a forecast looks at. */
const NEIGHBOURS = 7;
/** The kernel's width, as a share of the standard deviation of the values at the rung. */
const BANDWIDTH = 0.1;
/** How many neighbours' weight the line has in a forecast: curves like no other are forecast by the line alone. */
const LINE_WEIGHT = 0.5;
/** The weight of a neighbour from an earlier study, where one of this study has 1. */
const EARLIER_WEIGHT = 0.1;
/** Neighbours with less weight than this do not count. */
const LEAST_WEIGHT = 1e-4;

/** What a trial's end is expected to be, in the model's scale. */
export interface CurveForecast {
  readonly trial: number;
  /** The highest rung that it reached, by place; -1: none. */
  readonly rung: number;
  /** Its least value so far. */
  readonly least: number;
  /** The least value at the end of its training: expectation and standard deviation (0: it is known). */
  readonly mean: number;
  readonly deviation: number;
  readonly diverged: boolean;
}

/** A neighbour that went into a forecast. */
export interface ForecastNeighbour {
  readonly trial: number;
  /** The earlier study that it belongs to; undefined: this one. */
  readonly study: string | undefined;
  /** Root of the mean squared difference of the two curves, in the model's scale. */
  readonly distance: number;
  /** Its own forecast end, in the model's scale. */
  readonly end: number;
}

interface Entry extends CurveForecast {
  readonly record: CurveRecord;
  /** How often the trial had inherited: then its curve may have lost reports, and it stands at another step. */
  readonly inheritances: number;
  /** The record's points in the model's scale. */
  values: Float64Array;
  /** The record's least costs by rung, likewise. */
  leasts: number[];
  scaled: number;
  rung: number;
  least: number;
  mean: number;
  deviation: number;
  diverged: boolean;
  near:
    | {
        readonly rung: number;
        readonly search: NearestCurves<Entry & { trial: number }>;
        /** The nearest of earlier studies, which do not change. */
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

/** The model of a study, as another study's model knows it. */
interface StudyModel extends CurveModel {
  /** The curves that went beyond a rung. */
  deeperThan(rung: number): readonly Entry[];
  /** Whether all costs are positive. */
  isPositive(): boolean;
  /** Whether values are compared as logarithms. */
  setScale(isLogarithmic: boolean): void;
}

/**
 * Forecasts the ends of trainings from learning curves alone. Values are compared as logarithms while all of them are
 * positive, else as they are. Per rung, deepest first, a line leads from the value there to the end; it is learned from
 * the trials that went deeper, whose own ends may be forecasts. A kernel over the nearest curves, shifted to a
 * trial's own value, corrects the line: a curve that looks like ones that stayed flat is expected to stay flat, with
 * certainty, and one that looks like none is uncertain.
 *
 * Curves of earlier studies may be neighbours too: what they tell is how they went on beside what their own study's line
 * foretold, so that a study in which all values are higher, or all fall further, tells no lies. They weigh little beside
 * this study's own, and correct its lines once there are any: lines of other studies in their place did harm.
 *
 * The state depends on the trials' curves alone, not on the order in which they came.
 */
export interface CurveModel {
  /** The steps of the rungs; the last one is the end of a complete training. */
  readonly rungs: readonly number[];
  /** Takes in a trial's new reports. */
  update(trial: TransferredTrial): void;
  /** Takes in earlier studies, in place of those taken in before. Equally near curves are in their order. */
  transfer(studies: readonly TransferredStudy[]): void;
  /** Where a trial stands by its own reports; its forecast may be old. Undefined before its first report. */
  standingOf(trial: number): Pick<CurveForecast, "rung" | "least" | "diverged"> | undefined;
  /** The forecast of one trial; quicker than all of them. Undefined before its first report. */
  forecastOf(trial: number): CurveForecast | undefined;
  /** The forecasts of all trials that reported something, by trial number. */
  forecasts(): ReadonlyMap<number, CurveForecast>;
  /** The line of a rung. */
  lineAt(rung: number): EndLine;
  /** The curves behind a trial's forecast, nearest first; as many of earlier studies as of this one at most. */
  neighboursOf(trial: number): readonly ForecastNeighbour[];
  /** From the model's scale to a cost (the goal metric, negated when it is maximized). */
  toCost(value: number): number;
}

/** Makes the model of a study. @param rungs the steps of its rungs and, last, of the end of a complete training */
export function createCurveModel(goal: Goal, rungs: readonly number[]): CurveModel {
  return createStudyModel(goal, rungs);
}

/** Equally near ones stay in their order. */
const nearestFirst = (curves: readonly NearEntry[]): NearEntry[] =>
  curves.toSorted((a, b) => a.distance - b.distance);

function createStudyModel(goal: Goal, rungs: readonly number[]): StudyModel {
  const top = rungs.length - 1;
  const steps = comparisonSteps(rungs[top] ?? 1, rungs);
  const pointsAt = rungs.map((rung) => steps.filter((step) => step <= rung).length);
  const entries = new Map<number, Entry>();
  let ordered: Entry[] | undefined;
  /** Lines are up to date from this rung up, forecasts from this one up; both grow downwards until a report comes. */
  let linesFrom = 0;
  let forecastsFrom = 0;
  const deeper: Entry[][] = rungs.map(() => []);
  const lines: EndLine[] = rungs.map(() => fitEndLine([]));
  let isLogarithmic = true;
  let earlier: readonly EarlierStudy[] = [];

  const scaleOf = (cost: number): number => (isLogarithmic ? Math.log(cost) : cost);
  /** Infinite where there is none, and so before the first rung. */
  const leastAt = (entry: Entry, rung: number): number => entry.leasts[rung] ?? Number.POSITIVE_INFINITY;

  const rescale = (entry: Entry): void => {
    const { points, reached, minimum } = entry.record;
    entry.least = scaleOf(minimum);
    for (; entry.scaled < reached; entry.scaled++) {
      entry.values[entry.scaled] = scaleOf(points[entry.scaled] ?? Number.NaN);
    }
    for (let rung = entry.leasts.length; rung < entry.record.least.length; rung++) {
      entry.leasts.push(scaleOf(entry.record.least[rung] ?? Number.POSITIVE_INFINITY));
    }
  };
  const setScale = (wanted: boolean): void => {
    for (const { model } of earlier) model.setScale(wanted);
    if (isLogarithmic === wanted) return;
    isLogarithmic = wanted;
    for (const entry of entries.values()) {
      entry.scaled = 0;
      entry.leasts = [];
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

  const forget = (entry: Entry): void => {
    entries.delete(entry.trial);
    for (const [rung, curves] of deeper.entries()) deeper[rung] = curves.filter((each) => each !== entry);
    for (const other of entries.values()) other.near = undefined;
    ordered = undefined;
    outdate();
    if (!isLogarithmic) chooseScale();
  };

  const update = (trial: TransferredTrial): void => {
    let entry = entries.get(trial.number);
    if (entry !== undefined && entry.inheritances !== trial.inheritances.length) {
      forget(entry);
      entry = undefined;
    }
    if (entry === undefined) {
      if (trial.curve.steps.length === 0) return;
      const record = createCurveRecord(trial.number, steps.length);
      entry = {
        trial: trial.number,
        record,
        inheritances: trial.inheritances.length,
        values: new Float64Array(steps.length).fill(Number.NaN),
        leasts: [],
        scaled: 0,
        rung: -1,
        least: Number.POSITIVE_INFINITY,
        mean: Number.POSITIVE_INFINITY,
        deviation: 0,
        diverged: false,
        near: undefined,
      };
      entries.set(trial.number, entry);
      ordered = undefined;
    }
    const { record, rung: before } = entry;
    if (!takeReports(record, trial, goal, rungs, steps)) return;
    outdate();
    if (isLogarithmic && record.minimum <= 0) setScale(false);
    rescale(entry);
    entry.rung = record.rung;
    entry.diverged = record.diverged;
    for (let rung = Math.max(before, 0); rung < record.rung; rung++) deeper[rung]?.push(entry);
  };

  const fitLine = (rung: number, all: readonly Entry[]): EndLine => {
    const reached = all.filter((entry) => entry.rung >= rung && Number.isFinite(leastAt(entry, rung)));
    return fitEndLine(
      reached.map((entry) => ({
        value: leastAt(entry, rung),
        isDeeper: entry.rung > rung,
        end: entry.mean,
        deviation: entry.deviation,
      })),
    );
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
    if (rung === top || entry.diverged || !Number.isFinite(entry.least)) {
      entry.mean = entry.least;
      entry.deviation = 0;
      return;
    }
    const line = lines[Math.max(rung, 0)] ?? fitEndLine([]);
    const own = leastAt(entry, rung);
    if (line.count === 0 || !Number.isFinite(own)) {
      entry.mean = entry.least;
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
      const value = leastAt(curve, rung);
      const residual = curve.mean - value - gainAt(of?.model.lineAt(rung) ?? line, value);
      if (!Number.isFinite(residual)) continue;
      total += weight;
      first += weight * residual;
      second += weight * (residual * residual + curve.deviation * curve.deviation);
    }
    const correction = first / (total + LINE_WEIGHT);
    const local = Math.max(0, second - 2 * correction * first + total * correction * correction);
    const prior = LINE_WEIGHT * (line.noise + lineVariance(line, own));
    entry.mean = Math.min(entry.least, own + gainAt(line, own) + correction);
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

  /** Brings the forecasts at a rung and above up to date; below the first rung are trials that reached none. */
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

  return {
    rungs,
    update,
    transfer,
    standingOf: (trial) => entries.get(trial),
    forecastOf: freshEntry,
    forecasts: () => {
      freshenForecasts(-1);
      return entries;
    },
    lineAt: (rung) => {
      freshenLine(rung);
      return lines[rung] ?? fitEndLine([]);
    },
    neighboursOf: (trial) => {
      const entry = freshEntry(trial);
      // Without a line there was nothing for neighbours to correct.
      if (entry === undefined || (lines[Math.max(entry.rung, 0)]?.count ?? 0) === 0) return [];
      return nearTo(entry).map(({ curve, distance, of }) => ({
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
