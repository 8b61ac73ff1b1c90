import { CurvewiseError } from "../core/errors.js";
import type { Param, Space } from "../core/param.js";
import type { Study } from "../core/study.js";
import { endedTrials, paramImportance } from "../importance/index.js";
import { BEST_COLOUR } from "./fate.js";
import type { ColourBar, Layout, MarkerStyle, ScatterTrace } from "./figure.js";
import { paramAxis } from "./param-axis.js";
import { paramScale, type Scale } from "./param-scale.js";
import { evenlySpaced } from "./thinning.js";
import { plotText, shortNumber, shortValue } from "./trial-text.js";

/** The most trials that are drawn as points. */
const MOST_POINTS = 1000;
/** Of these, how many are the best ones. */
const MOST_BEST = 250;
/** Trials without an end. */
const LOST_COLOUR = "#6b6f76";

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
  readonly text: string;
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
export function paramsByImportance(study: Study): string[] {
  const space = { params: study.definition.space };
  return paramImportance(space, endedTrials(study)).params.map(({ param }) => param);
}

function pairOf(study: Study, space: Space, wanted: readonly string[] | undefined, plot: string): string[] {
  if (wanted === undefined) return paramsByImportance(study).slice(0, 2);
  const unknown = wanted.find((name) => !Object.hasOwn(space, name));
  if (unknown !== undefined) {
    throw new CurvewiseError("PLOT_INVALID", `there is no param "${unknown}"`, {
      hint: `The params are ${Object.keys(space).join(", ")}.`,
    });
  }
  const [first, second] = wanted;
  if (wanted.length === 2 && first !== second) return [...wanted];
  throw new CurvewiseError(
    "PLOT_INVALID",
    `${plot} needs two different params, but got ${wanted.join(", ") || "none"}`,
    { hint: "Name two params, such as lr and width." },
  );
}

/**
 * The trials of a study in the plane of two params.
 *
 * @param wanted the params; the two most important ones unless given
 * @returns undefined if the study has fewer than two params that vary
 * @throws CurvewiseError `PLOT_INVALID` when the named params are not two of the space's
 */
export function paramPair(
  study: Study,
  wanted: readonly string[] | undefined,
  plot: string,
): ParamPair | undefined {
  const { space, goal } = study.definition;
  const [x, y] = pairOf(study, space, wanted, plot).flatMap((name): PairAxis[] => {
    const param = space[name];
    return param === undefined ? [] : [{ name, param, scale: paramScale(param) }];
  });
  if (x === undefined || y === undefined) return undefined;
  const points = endedTrials(study).flatMap(({ trial, params, cost, isForecast }): PairPoint[] => {
    const [first, second] = [params[x.name], params[y.name]];
    if (first === undefined || second === undefined) return [];
    const place = { x: x.scale.place(first), y: y.scale.place(second) };
    if (!(Number.isFinite(place.x) && Number.isFinite(place.y))) return [];
    const value = goal.direction === "minimize" ? cost : 0 - cost;
    const isLost = !Number.isFinite(value);
    const end = isLost
      ? "failed or diverged"
      : `${plotText(goal.metric)}: <b>${shortNumber(value)}</b>${isForecast ? " (forecast)" : ""}`;
    const lines = [
      `<b>trial ${trial}</b>`,
      plotText(`${x.name} = ${shortValue(first)}`),
      plotText(`${y.name} = ${shortValue(second)}`),
      end,
    ];
    return [{ trial, ...place, value: isLost ? undefined : value, isForecast, text: lines.join("<br>") }];
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
  of = points.length,
): ScatterTrace[] {
  if (points.length === 0) return [];
  return [
    {
      type: "scatter",
      name: points.length < of ? `${label} (${points.length} of ${of})` : label,
      mode: "markers",
      x: points.map(({ x }) => x),
      y: points.map(({ y }) => y),
      text: points.map(({ text }) => text),
      hovertemplate: "%{text}<extra></extra>",
      marker,
      showlegend: true,
    },
  ];
}

/**
 * The trials of a pair as points: those that ended in colours, filled if the end is known and open if it is forecast,
 * the best one in red, and crosses where a training failed or diverged. Of very many, the best and others evenly spaced
 * over the study are drawn.
 *
 * @param ended best first
 * @param colours of these points, and the least and the greatest of all numbers behind them
 */
export function pairTraces(
  pair: ParamPair,
  ended: readonly EndedPoint[],
  colours: {
    readonly of: (point: EndedPoint, rank: number) => number;
    readonly style: Omit<MarkerStyle, "color">;
  },
): ScatterTrace[] {
  const coloured = ended.map((point, rank) => ({ ...point, colour: colours.of(point, rank) }));
  const most = Math.min(MOST_BEST, coloured.length);
  const others = coloured.slice(most).toSorted((a, b) => a.trial - b.trial);
  // The best ones are drawn last, so that they are on top.
  const drawn = [...evenlySpaced(others, MOST_POINTS - most), ...coloured.slice(0, most).toReversed()];
  const lost = pair.points.filter((point) => !isEnded(point));
  const [best] = ended;
  const group = (label: string, isForecast: boolean, symbol: string, style: Omit<MarkerStyle, "color">) => {
    const points = drawn.filter((point) => point.isForecast === isForecast && point.trial !== best?.trial);
    const all = ended.filter((point) => point.isForecast === isForecast && point.trial !== best?.trial);
    const marker = { ...style, color: points.map(({ colour }) => colour), symbol, size: 8 };
    return dots(label, points, marker, all.length);
  };
  const { colorbar: _, ...plain } = colours.style;
  const hasKnown = drawn.some(({ isForecast, trial }) => !isForecast && trial !== best?.trial);
  return [
    ...dots(
      "failed or diverged",
      evenlySpaced(lost, MOST_POINTS),
      { color: LOST_COLOUR, symbol: "x-thin-open", size: 7 },
      lost.length,
    ),
    ...group("end forecast", true, "circle-open", { ...(hasKnown ? { ...plain, showscale: false } : colours.style) }),
    ...group("end known", false, "circle", colours.style),
    ...(best === undefined ? [] : dots("best", [best], { color: BEST_COLOUR, symbol: "star", size: 13 })),
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
export function colourBar(title: string, ticks: readonly { readonly at: number; readonly text: string }[]): ColourBar {
  return {
    title: { text: plotText(title) },
    tickvals: ticks.map(({ at }) => at),
    ticktext: ticks.map(({ text }) => plotText(text)),
    thickness: 12,
    outlinewidth: 0,
  };
}
