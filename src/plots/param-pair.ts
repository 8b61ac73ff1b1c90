import { CurvewiseError } from "../core/errors.js";
import type { Param } from "../core/param.js";
import type { Study } from "../core/study.js";
import { type EndedTrial, endedTrials, paramImportance } from "../importance/index.js";
import { evenlySpaced } from "../math/evenly-spaced.js";
import { BEST_COLOUR } from "./fate.js";
import type { ColourBar, Layout, MarkerStyle, ScatterTrace } from "./figure.js";
import { checkKnownParams } from "./known-params.js";
import { paramAxis } from "./param-axis.js";
import { paramScale, type Scale } from "./param-scale.js";
import type { PlotInput } from "./plot-definition.js";
import { plotText, shortNumber, shortValue } from "./trial-text.js";

/** The most trials that are drawn as points. */
const MOST_POINTS = 600;
/** Of these, how many are the best ones. */
const MOST_BEST = 150;
const LOST: MarkerStyle = { color: "#6b6f76", symbol: "x", size: 7, line: { color: "#ffffff", width: 0.7 } };
const BEST: MarkerStyle = {
  color: BEST_COLOUR,
  symbol: "star",
  size: 14,
  line: { color: "#ffffff", width: 1 },
};

/** One of the two params of a pair. */
export interface PairAxis {
  readonly name: string;
  readonly param: Param;
  readonly scale: Scale;
}

/** A trial's place in the plane of two params. */
export interface PairPoint {
  readonly trial: number;
  readonly x: number;
  readonly y: number;
  /** The goal metric at the end of its training; undefined if it failed or diverged. */
  readonly value: number | undefined;
  readonly isForecast: boolean;
  /** Its words, which are worked out only for the points that are drawn. */
  readonly text: () => string;
}

/** Two params, and every trial that has both and whose end is known or forecast. */
export interface ParamPair {
  readonly x: PairAxis;
  readonly y: PairAxis;
  readonly points: readonly PairPoint[];
}

/** A point whose training ended well. */
export interface EndedPoint extends PairPoint {
  readonly value: number;
}

/** The params that can have several values, the most important first; in the user's order while nothing is known. */
export function paramsByImportance(study: Study, ends: readonly EndedTrial[] = endedTrials(study)): string[] {
  const space = { params: study.definition.space };
  return paramImportance(space, ends).params.map(({ param }) => param);
}

function pairOf(
  study: Study,
  ends: readonly EndedTrial[],
  wanted: readonly string[] | undefined,
  plot: string,
): readonly string[] {
  const { space } = study.definition;
  if (wanted === undefined) return paramsByImportance(study, ends).slice(0, 2);
  checkKnownParams(space, wanted);
  const [first, second] = wanted;
  if (wanted.length === 2 && first !== second) return wanted;
  throw new CurvewiseError(
    "PLOT_INVALID",
    `${plot} needs two different params, but got ${wanted.join(", ") || "none"}`,
    { hint: "Name two params, such as lr and width." },
  );
}

/**
 * The trials of a study in the plane of two params: those given, or the two most important ones.
 *
 * @returns undefined if the study has fewer than two params that vary
 * @throws CurvewiseError `PLOT_INVALID` when the named params are not two of the space's
 */
export function paramPair(
  { study, params: wanted, ends = endedTrials(study) }: PlotInput,
  plot: string,
): ParamPair | undefined {
  const { space, goal } = study.definition;
  const [x, y] = pairOf(study, ends, wanted, plot).flatMap((name): PairAxis[] => {
    const param = space[name];
    return param === undefined ? [] : [{ name, param, scale: paramScale(param) }];
  });
  if (x === undefined || y === undefined) return undefined;
  const points = ends.flatMap(({ trial, params, cost, isForecast }): PairPoint[] => {
    const [first, second] = [params[x.name], params[y.name]];
    if (first === undefined || second === undefined) return [];
    const place = { x: x.scale.place(first), y: y.scale.place(second) };
    if (!(Number.isFinite(place.x) && Number.isFinite(place.y))) return [];
    const value = goal.direction === "minimize" ? cost : 0 - cost;
    const isLost = !Number.isFinite(value);
    const text = (): string => {
      const end = isLost
        ? "failed or diverged"
        : `${plotText(goal.metric)}: <b>${shortNumber(value)}</b>${isForecast ? " (forecast)" : ""}`;
      return [
        `<b>trial ${trial}</b>`,
        plotText(`${x.name} = ${shortValue(first)}`),
        plotText(`${y.name} = ${shortValue(second)}`),
        end,
      ].join("<br>");
    };
    return [{ trial, ...place, value: isLost ? undefined : value, isForecast, text }];
  });
  return { x, y, points };
}

const isEnded = (point: PairPoint): point is EndedPoint => point.value !== undefined;

/** The points with an end, best first; of equals the earlier trial. */
export function endedPoints({ points }: ParamPair, study: Study): EndedPoint[] {
  const sign = study.definition.goal.direction === "minimize" ? 1 : -1;
  return points.filter(isEnded).toSorted((a, b) => sign * (a.value - b.value) || a.trial - b.trial);
}

function dots(
  label: string,
  points: readonly PairPoint[],
  marker: MarkerStyle,
  of: number = points.length,
): ScatterTrace[] {
  if (points.length === 0) return [];
  return [
    {
      type: "scatter",
      name: points.length < of ? `${label} (${points.length} of ${of})` : label,
      mode: "markers",
      x: points.map(({ x }) => x),
      y: points.map(({ y }) => y),
      text: points.map(({ text }) => text()),
      customdata: points.map(({ trial }) => trial),
      hovertemplate: "%{text}<extra></extra>",
      marker,
      showlegend: true,
    },
  ];
}

/** How the points of a pair look. */
export interface PairMarkers {
  readonly known: MarkerStyle;
  readonly forecast: MarkerStyle;
  /** Their colours as numbers, by place among those that ended, if they differ. */
  readonly colours?: readonly number[];
}

/**
 * The trials of a pair as points: those whose end is known, those whose end is forecast, the best one in red, and crosses
 * where a training failed or diverged. Of very many, the best and others evenly spaced over the study are drawn.
 *
 * @param ended best first
 */
export function pairTraces(
  pair: ParamPair,
  ended: readonly EndedPoint[],
  { known, forecast, colours }: PairMarkers,
): ScatterTrace[] {
  const [best] = ended;
  const others = ended.map((point, place) => ({ point, place })).slice(1);
  const rest = others.slice(MOST_BEST).toSorted((a, b) => a.point.trial - b.point.trial);
  // The best ones are drawn last, so that they are on top.
  const drawn = [...evenlySpaced(rest, MOST_POINTS - MOST_BEST), ...others.slice(0, MOST_BEST).toReversed()];
  const group = (label: string, isForecast: boolean, style: MarkerStyle) => {
    const shown = drawn.filter(({ point }) => point.isForecast === isForecast);
    const color = shown.map(({ place }) => colours?.[place] ?? 0);
    const count = others.filter(({ point }) => point.isForecast === isForecast).length;
    return dots(
      label,
      shown.map(({ point }) => point),
      colours === undefined ? style : { ...style, color },
      count,
    );
  };
  const lost = pair.points.filter((point) => !isEnded(point));
  return [
    ...dots("failed or diverged", evenlySpaced(lost, MOST_POINTS), LOST, lost.length),
    ...group("end forecast", true, forecast),
    ...group("end known", false, known),
    ...(best === undefined ? [] : dots("best", [best], BEST)),
  ];
}

/** The axes of a pair. */
export function pairLayout({ x, y }: ParamPair): Layout {
  return {
    xaxis: paramAxis(x.name, x.scale),
    yaxis: paramAxis(y.name, y.scale),
    showlegend: true,
    hovermode: "closest",
  };
}

/** The legend of colours, beside the plot. */
export function colourBar(
  title: string,
  ticks: readonly { readonly at: number; readonly text: string }[],
): ColourBar {
  return {
    title: { text: plotText(title) },
    tickvals: ticks.map(({ at }) => at),
    ticktext: ticks.map(({ text }) => plotText(text)),
    thickness: 12,
    outlinewidth: 0,
  };
}
