import { type Goal, isOfFirstVersion } from "../core/goal.js";
import type { TransferredStudy } from "../core/study.js";
import {
  type CurveRecord,
  comparisonSteps,
  createCurveRecord,
  type RecordedTrial,
  settle,
  takeReports,
} from "./curve-record.js";
import { type EndLine, fitEndLine, gainAt, type LinePrior } from "./end-line.js";
import { insertInto, removeFrom } from "./in-order.js";
import { createNearestCurves, type NearCurve } from "./nearest-curves.js";
import { FIRST_PRIOR, priorNoise, unknownSpread } from "./prior-noise.js";
import { createRungCurves, type EarlierCurve, NEIGHBOURS } from "./rung-curves.js";
import { addDeeper, addValue, createBlockSums, emptySums, type RungSums, withDeeper } from "./rung-sums.js";

/**
 * The ends of trials lie within so many deviations of their forecasts in 80 % of all cases: 60 % more than if errors were
 * normal and independent. Chosen on recorded curves, see bench/calibration.mjs.
 */
export const INTERVAL_DEVIATIONS = 2.05;

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
  /** See `EndingCurve`. */
  slot: number;
  /** At its rung, the nearest from earlier studies, which do not change; undefined: not known yet. */
  earlier: readonly EarlierEntry[] | undefined;
}

/** A neighbour from an earlier study. */
interface EarlierEntry extends EarlierCurve<Entry> {
  readonly of: EarlierStudy;
}

interface EarlierStudy {
  readonly name: string;
  readonly model: StudyModel;
}

/** A study's model, as another study's model sees it. */
interface StudyModel extends CurveModel {
  /** The nearest of the curves that went beyond a rung. */
  nearTo(curve: Entry, rung: number): readonly NearCurve<Entry>[];
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
   * Of the trials at a rung whose ends are not known, and that are allowed, the one with the lowest forecast less so many
   * standard deviations; of equals, the lower number.
   */
  mostPromising(
    rung: number,
    optimism: number,
    isAllowed: (trial: number) => boolean,
  ): CurveForecast | undefined;
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

/** Equally near ones keep their order. */
const nearestFirst = <Near extends NearCurve<Entry>>(curves: readonly Near[]): Near[] =>
  curves.toSorted((a, b) => a.distance - b.distance);

const NO_CURVES: readonly never[] = [];

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
   * The lowest rungs from which lines, forecasts, and what forecasts and known ends add to lines are up to date. A rung's
   * follow from those above it alone, so that a report outdates nothing above the rung that it tells of.
   */
  let linesFrom = 0;
  let forecastsFrom = 0;
  let endsFrom = 0;
  const ends: RungSums[] = [];
  const curvesAt = rungs.slice(0, -1).map((_, rung) =>
    createRungCurves<Entry>({
      goal,
      rung,
      points: pointsAt.slice(0, rung + 1),
      earlierNear: (entry) => earlierNear(entry),
    }),
  );
  const noises = rungs.map((rung) => priorNoise(rung / (rungs[top] ?? rung)));
  const priorOf = (rung: number, { mean }: RungSums): LinePrior =>
    isOfFirstVersion(goal)
      ? FIRST_PRIOR
      : { noise: noises[rung] ?? FIRST_PRIOR.noise, spread: unknownSpread(mean, isLogarithmic) };
  const noLine = fitEndLine(emptySums(), FIRST_PRIOR);
  const lines: EndLine[] = rungs.map(() => noLine);
  let isLogarithmic = true;
  let earlier: readonly EarlierStudy[] = [];

  const scaleOf = (cost: number): number => (isLogarithmic ? Math.log(cost) : cost);
  /** Infinite where there is none, and so before the first rung. */
  const valueAtRung = (entry: Entry, rung: number): number => entry.atRungs[rung] ?? Number.POSITIVE_INFINITY;

  const rescale = (entry: Entry): void => {
    const { points, reached, present } = entry.record;
    entry.present = scaleOf(present);
    if (entry.values.length < points.length) {
      entry.values = new Float64Array(points.length).fill(Number.NaN);
      entry.scaled = 0;
    }
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
      entry.earlier = undefined;
      rescale(entry);
      if (isSettled(entry, top)) entry.mean = entry.present;
    }
    for (const { beyond } of curvesAt) beyond.refresh();
    forgetNear();
    settled.touchAll();
    outdate();
  };
  const isPositive = (): boolean => [...entries.values()].every(({ record }) => record.minimum > 0);
  /** Values of all studies are compared, so they are in one scale. */
  const chooseScale = (): void => setScale(isPositive() && earlier.every(({ model }) => model.isPositive()));
  const forgetNear = (): void => {
    for (const [rung, curves] of curvesAt.entries()) curves.reset(forecastAt[rung + 1] ?? []);
  };
  /** What trials at a rung end with has changed, but nothing at the rung. */
  const outdateEnds = (rung: number): void => {
    endsFrom = Math.max(endsFrom, rung);
    linesFrom = Math.max(linesFrom, rung);
    forecastsFrom = Math.max(forecastsFrom, linesFrom);
  };
  /** The trials at a rung have changed. */
  const outdateTrials = (rung: number): void => {
    outdateEnds(rung);
    linesFrom = Math.max(linesFrom, Math.min(rung + 1, top));
    forecastsFrom = Math.max(forecastsFrom, linesFrom);
  };
  const outdate = (): void => outdateTrials(top);

  const transfer = (studies: readonly TransferredStudy[]): void => {
    earlier = studies.map(({ name, trials }) => {
      const model = createStudyModel(goal, rungs);
      for (const trial of trials) model.update(trial);
      return { name, model };
    });
    for (const entry of entries.values()) entry.earlier = undefined;
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
    withdraw(entry);
    for (const { beyond } of curvesAt) beyond.remove(entry);
    forgetNear();
    outdate();
    if (!isLogarithmic) chooseScale();
  };

  const createEntry = (record: CurveRecord): Entry => ({
    trial: record.trial,
    record,
    values: new Float64Array(0),
    atRungs: [],
    scaled: 0,
    rung: -1,
    present: Number.POSITIVE_INFINITY,
    mean: Number.POSITIVE_INFINITY,
    deviation: 0,
    diverged: false,
    slot: -1,
    earlier: undefined,
  });

  const insert = (entry: Entry): void => {
    if (isSettled(entry, top)) return;
    insertInto(forecastAt[entry.rung + 1] ?? [], entry);
    curvesAt[entry.rung]?.enter(entry);
  };
  const withdraw = (entry: Entry): void => {
    if (isSettled(entry, top)) return;
    removeFrom(forecastAt[entry.rung + 1] ?? [], entry);
    curvesAt[entry.rung]?.leave(entry);
  };

  const update = (trial: RecordedTrial): void => {
    const { number, inheritances } = trial;
    if (records.get(number)?.inheritances !== inheritances.length) forget(number);
    const record = records.get(number) ?? createCurveRecord(number, inheritances.length);
    records.set(number, record);
    const hasNews = takeReports(record, trial, goal, { rungs, steps });
    if (!settle(record, trial, goal) && !hasNews) return;
    let entry = entries.get(number);
    if (entry === undefined) {
      entry = createEntry(record);
      entries.set(number, entry);
      settled.add(entry);
      insertInto(ordered, entry);
      insert(entry);
    }
    if (isLogarithmic && record.minimum <= 0) setScale(false);
    rescale(entry);
    const before = Math.max(entry.rung, record.firstRung, 0);
    const hasMoved = entry.rung !== record.rung || entry.diverged !== record.diverged;
    if (hasMoved) {
      withdraw(entry);
      entry.earlier = undefined;
    }
    entry.rung = record.rung;
    entry.diverged = record.diverged;
    if (hasMoved) insert(entry);
    const isOver = isSettled(entry, top);
    const hasEnded = isOver && entry.mean !== entry.present;
    if (isOver) {
      entry.mean = entry.present;
      entry.deviation = 0;
    }
    for (let rung = before; rung < record.rung; rung++) curvesAt[rung]?.beyond.add(entry);
    if (hasMoved || hasEnded) {
      settled.touch(number);
      outdateTrials(entry.rung);
    } else if (!isOver) reconsider(entry);
  };

  /** Forecasts a trial again that is still at its rung, where that may differ. */
  const reconsider = (entry: Entry): void => {
    const { rung, mean, deviation } = entry;
    curvesAt[rung]?.note(entry);
    if (rung < forecastsFrom) return;
    forecast(entry);
    if (entry.mean !== mean || entry.deviation !== deviation) outdateEnds(rung);
  };

  const fitLine = (rung: number): EndLine => {
    let sums = settled.at(rung);
    const known = ends[rung];
    if (rung >= endsFrom && known !== undefined) sums = withDeeper(sums, known);
    else {
      for (const list of forecastAt.slice(rung + 2)) {
        for (const entry of list) {
          const value = valueAtRung(entry, rung);
          if (Number.isFinite(value) && Number.isFinite(entry.mean))
            addDeeper(sums, value, entry.mean, entry.deviation);
        }
      }
      ends[rung] = sums;
    }
    return fitEndLine(sums, priorOf(rung, sums));
  };

  const earlierNear = (entry: Entry): readonly EarlierEntry[] => {
    if (earlier.length === 0) return NO_CURVES;
    const { rung } = entry;
    entry.earlier ??= nearestFirst(
      earlier.flatMap((of) =>
        of.model
          .nearTo(entry, rung)
          .map((each): EarlierEntry => ({ ...each, of, line: () => of.model.lineAt(rung) })),
      ),
    ).slice(0, NEIGHBOURS);
    return entry.earlier;
  };

  const forecast = (entry: Entry): void => {
    const { rung, present } = entry;
    const line = lines[Math.max(rung, 0)] ?? noLine;
    if (isSettled(entry, top)) {
      entry.mean = present;
      entry.deviation = 0;
    } else {
      const known = curvesAt[rung]?.expect(entry, line);
      entry.mean = known?.mean ?? present;
      entry.deviation = known?.deviation ?? (Number.isFinite(present) ? Math.sqrt(line.noise) : 0);
    }
  };

  /** Brings the line of a rung up to date; it is learned from the forecasts of the rungs above. */
  const freshenLine = (rung: number): void => {
    while (linesFrom > rung) {
      freshenForecasts(linesFrom);
      linesFrom -= 1;
      lines[linesFrom] = fitLine(linesFrom);
      curvesAt[linesFrom]?.outdate();
      // Its forecasts will change, and with them what they add to the lines below.
      endsFrom = linesFrom;
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
    mostPromising: (rung, optimism, isAllowed) => {
      freshenLine(rung);
      const trial = curvesAt[rung]?.lowest(lines[rung] ?? noLine, optimism, isAllowed);
      return trial === undefined ? undefined : freshEntry(trial);
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
      const own = (curvesAt[entry.rung]?.nearTo(entry) ?? []).map((each) => ({ ...each, of: undefined }));
      return nearestFirst<NearCurve<Entry> & { readonly of: EarlierStudy | undefined }>([
        ...own,
        ...earlierNear(entry),
      ])
        .filter(({ curve }) => Number.isFinite(curve.mean))
        .map(({ curve, distance, of }) => ({
          trial: curve.trial,
          study: of?.name,
          distance,
          end: curve.mean,
        }));
    },
    nearTo: (curve, rung) => {
      freshenForecasts(-1);
      const beyond = curvesAt[rung]?.beyond;
      if (beyond === undefined) return [];
      const search = createNearestCurves(beyond, NEIGHBOURS);
      return search.list(search.take(curve));
    },
    isPositive,
    setScale,
    toCost: (value) => (isLogarithmic ? Math.exp(value) : value),
  };
}
