import { bestTrial } from "../core/best-trial.js";
import { type Copy, copiesOf, historyOf, type Stage, stagesOf } from "../core/lineage.js";
import type { Study } from "../core/study.js";
import { BEST_COLOUR } from "./fate.js";
import type { Cell, ScatterTrace } from "./figure.js";
import { changesText, plotText, shortNumber, shortValue } from "./trial-text.js";

/** A stage of a trial's life, and how far it lives on in a current model. */
interface Part extends Stage {
  /** The last step that is part of a current model's history; the stage's first step if none is. */
  readonly keptTo: number;
}

/** A population as plots show it. */
export interface Population {
  readonly parts: readonly Part[];
  readonly copies: readonly Copy[];
  /** How the best trial's model was trained; empty if no trial has a finite value. */
  readonly best: readonly Stage[];
  /** The best trial, if there is one. */
  readonly bestTrial: number | undefined;
}

const placeOf = ({ trial, inheritances }: Pick<Stage, "trial" | "inheritances">): string =>
  `${trial}/${inheritances}`;

/** Collects what plots need from a population. */
export function populationOf(study: Study): Population {
  const kept = new Map<string, number>();
  for (const { number } of study.trials) {
    for (const stage of historyOf(study, number)) {
      kept.set(placeOf(stage), Math.max(stage.toStep, kept.get(placeOf(stage)) ?? 0));
    }
  }
  const best = bestTrial(study)?.trial.number;
  return {
    parts: study.trials
      .flatMap(stagesOf)
      .map((stage) => ({ ...stage, keptTo: kept.get(placeOf(stage)) ?? stage.fromStep })),
    copies: copiesOf(study),
    best: best === undefined ? [] : historyOf(study, best),
    bestTrial: best,
  };
}

/** Where a population is drawn. */
export interface Placing {
  /** Where a stage is drawn; undefined if it is not. */
  readonly heightOf: (stage: Stage) => number | undefined;
  /**
   * How many steps before a copied model's step its line leaves the parent's; the slant keeps lines of one step apart.
   */
  readonly lead: number;
}

/** Lines of one trace, with a gap after each. */
interface Lines {
  readonly x: Cell[];
  readonly y: Cell[];
  readonly text: string[];
  count: number;
}

const noLines = (): Lines => ({ x: [], y: [], text: [], count: 0 });

function addLine(lines: Lines, from: readonly [Cell, Cell], to: readonly [Cell, Cell], text: string): void {
  lines.x.push(from[0], to[0], null);
  lines.y.push(from[1], to[1], null);
  lines.text.push(text, text, "");
  lines.count += 1;
}

/** How many params a hover text names before it only counts the rest. */
const MAX_PARAMS = 12;

const stageName = ({ trial, fromStep, toStep }: Stage): string =>
  `<b>trial ${trial}</b>, steps ${fromStep} to ${toStep}`;

function stageText(stage: Stage): string {
  const { params } = stage;
  const entries = Object.entries(params);
  const named = entries
    .slice(0, MAX_PARAMS)
    .map(([name, value]) => plotText(`${name} = ${shortValue(value)}`));
  const more = entries.length > MAX_PARAMS ? [`and ${entries.length - MAX_PARAMS} more`] : [];
  return [stageName(stage), ...named, ...more].join("<br>");
}

function copyText(metric: string, { child, parent, step, value, at, copied, params }: Copy): string {
  return [
    `<b>trial ${child}</b> goes on with trial ${parent}'s model`,
    `of step ${step}, ${plotText(metric)} ${shortNumber(value)}, instead of its own of step ${at}`,
    plotText(changesText(copied, params)),
  ].join("<br>");
}

/** Above this many lines, they are drawn with WebGL, which stays fast. */
const WEBGL_LINES = 5000;
const HOVER = "%{text}<extra></extra>";
const MUTED = "#7a838e";
const ALIVE = "#1f6fe5";

function linesTrace(
  lines: Lines,
  type: ScatterTrace["type"],
  style: Pick<ScatterTrace, "name" | "line" | "opacity" | "legendgroup" | "showlegend">,
): ScatterTrace[] {
  const { x, y, text, count } = lines;
  if (count === 0) return [];
  return [{ ...style, type, mode: "lines", x, y, text, hovertemplate: HOVER, connectgaps: false }];
}

function bestTraces({ best, bestTrial: trial }: Population, { heightOf, lead }: Placing): ScatterTrace[] {
  const x: number[] = [];
  const y: number[] = [];
  const text: string[] = [];
  for (const [index, stage] of best.entries()) {
    const height = heightOf(stage);
    if (height === undefined) continue;
    const { fromStep, toStep } = stage;
    x.push(fromStep, index === best.length - 1 ? toStep : Math.max(fromStep, toStep - lead));
    y.push(height, height);
    text.push(stageText(stage), stageText(stage));
  }
  const style = { type: "scatter", legendgroup: "best", hovertemplate: HOVER } as const;
  if (x.length === 0) return [];
  return [
    {
      ...style,
      name: `how the best, trial ${trial ?? ""}, was trained`,
      mode: "lines",
      x,
      y,
      text,
      line: { color: BEST_COLOUR, width: 3 },
    },
    {
      ...style,
      name: "best",
      mode: "markers",
      x: x.slice(-1),
      y: y.slice(-1),
      text: text.slice(-1),
      marker: { color: BEST_COLOUR, size: 11, symbol: "star" },
      showlegend: false,
    },
  ];
}

/**
 * The lines of a population at given heights: what lives on of each model, what was given up, what was copied, and on
 * top how the best one was trained. Lines of one kind form one trace with gaps, so that thousands stay fast.
 */
export function populationTraces(study: Study, population: Population, placing: Placing): ScatterTrace[] {
  const { heightOf, lead } = placing;
  const { parts, copies } = population;
  // If there are many, hover texts are shorter, since they make up most of a figure.
  const isMany = parts.length + copies.length > WEBGL_LINES;
  const stages = new Map(parts.map((part) => [placeOf(part), part]));
  const present = new Map(parts.map((part) => [part.trial, part]));
  const [alive, lost, copied, copiedInVain] = [noLines(), noLines(), noLines(), noLines()];
  for (const part of parts) {
    const height = heightOf(part);
    if (height === undefined) continue;
    const { fromStep, toStep, keptTo } = part;
    const text = isMany ? stageName(part) : stageText(part);
    if (keptTo > fromStep) addLine(alive, [fromStep, height], [keptTo, height], text);
    if (toStep > keptTo) addLine(lost, [keptTo, height], [toStep, height], text);
  }
  for (const copy of copies) {
    const { parent, parentInheritances, child, inheritances, step } = copy;
    const source = stages.get(placeOf({ trial: parent, inheritances: parentInheritances }));
    const target = stages.get(placeOf({ trial: child, inheritances }));
    const [from, to] = [source && heightOf(source), target && heightOf(target)];
    if (from === undefined || to === undefined || from === to) continue;
    const isKept = target !== undefined && (target.keptTo > target.fromStep || target === present.get(child));
    const text = isMany
      ? `trial ${child} goes on with trial ${parent}'s model`
      : copyText(study.definition.goal.metric, copy);
    addLine(isKept ? copied : copiedInVain, [Math.max(0, step - lead), from], [step, to], text);
  }
  const type = isMany ? "scattergl" : "scatter";
  return [
    ...linesTrace(lost, type, {
      name: "given up",
      legendgroup: "given up",
      line: { color: MUTED, width: 1.2, dash: type === "scatter" ? "dot" : "solid" },
      opacity: 0.8,
    }),
    ...linesTrace(copiedInVain, type, {
      name: "copied, then given up",
      line: { color: MUTED, width: 0.7 },
      opacity: 0.55,
      legendgroup: "given up",
      showlegend: false,
    }),
    ...linesTrace(copied, type, {
      name: "copied",
      line: { color: ALIVE, width: 0.9 },
      opacity: 0.75,
      legendgroup: "present",
      showlegend: false,
    }),
    ...linesTrace(alive, type, {
      name: "part of a current model",
      legendgroup: "present",
      line: { color: ALIVE, width: 1.6 },
      opacity: 0.75,
    }),
    ...bestTraces(population, placing),
  ];
}
