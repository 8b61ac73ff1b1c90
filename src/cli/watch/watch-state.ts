import type { ControlRequest } from "../../core/request.js";
import type { TrialOrder } from "./watch-model.js";

/** What the person at the keyboard has chosen. */
export interface WatchState {
  readonly page: "study" | "trial" | "keys";
  /** A trial's number; undefined: none yet. */
  readonly selected: number | undefined;
  readonly order: TrialOrder;
  /** `auto`: what suits the values. */
  readonly axis: "auto" | "log" | "linear";
  /** The place of the metric in the study's list of metrics. */
  readonly metric: number;
  /** How many lines of the trial's page are above the screen. */
  readonly scroll: number;
  /** What is to be asked of the study once that is confirmed. */
  readonly question: ControlRequest | undefined;
  /** What became of the last request, or what is wrong at the moment. */
  readonly told: string | undefined;
}

/** How it begins. */
export const FIRST_STATE: WatchState = {
  page: "study",
  selected: undefined,
  order: "newest",
  axis: "auto",
  metric: 0,
  scroll: 0,
  question: undefined,
  told: undefined,
};

/** What keys act on. */
export interface KeyContext {
  /** The numbers of the trials in the order of the list. */
  readonly listed: readonly number[];
  readonly metrics: number;
  /** How many lines the trial's page has that are not on the screen. */
  readonly hidden: number;
  /** How many lines a page forward or back is. */
  readonly rows: number;
  /** Whether anything can be asked of the study. */
  readonly mayAct: boolean;
  /** Whether the study has finished, so that nothing can be asked of it as a whole. */
  readonly hasFinished: boolean;
  /** Whether a trial has ended, so that nothing can be asked of it. */
  hasEnded(trial: number): boolean;
}

/** What a key has done. */
export interface Pressed {
  readonly state: WatchState;
  readonly quit?: true;
  readonly act?: ControlRequest;
}

const AXES = { auto: "log", log: "linear", linear: "auto" } as const;
const CONTROLS = { p: "pause", r: "resume", s: "stop" } as const;

/** How far keys move: rows, of the list or of a page of text. */
function distanceOf(key: string, rows: number): number | undefined {
  switch (key) {
    case "up":
    case "k":
      return -1;
    case "down":
    case "j":
      return 1;
    case "pageup":
      return -rows;
    case "pagedown":
    case "space":
      return rows;
    case "home":
    case "g":
      return Number.NEGATIVE_INFINITY;
    case "end":
    case "G":
      return Number.POSITIVE_INFINITY;
    default:
      return undefined;
  }
}

const within = (place: number, count: number): number => Math.max(0, Math.min(count - 1, place));

function moved(state: WatchState, distance: number, { listed, hidden }: KeyContext): WatchState {
  if (state.page === "trial") return { ...state, scroll: within(state.scroll + distance, hidden + 1) };
  if (state.page !== "study" || listed.length === 0) return state;
  const place = state.selected === undefined ? -1 : listed.indexOf(state.selected);
  const next =
    place === -1 ? (distance === Number.POSITIVE_INFINITY ? listed.length - 1 : 0) : place + distance;
  return { ...state, selected: listed[within(next, listed.length)] };
}

function isControl(key: string): key is keyof typeof CONTROLS {
  return Object.hasOwn(CONTROLS, key);
}

/** The request that a key stands for: capital letters are for the study, others for the selected trial. */
function controlOf(key: string, { selected }: WatchState): ControlRequest | undefined {
  const small = key.toLowerCase();
  if (!isControl(small)) return undefined;
  const kind = CONTROLS[small];
  if (key !== small) return { kind };
  return selected === undefined ? undefined : { kind, trial: selected };
}

function answered(state: WatchState, question: ControlRequest, key: string): Pressed {
  const next = { ...state, question: undefined };
  return key === "y" || key === "Y" ? { state: next, act: question } : { state: next };
}

function back(state: WatchState): Pressed {
  return state.page === "study" ? { state, quit: true } : { state: { ...state, page: "study", scroll: 0 } };
}

/** What follows from a key. @param key a letter, or a name: `up`, `enter`, `escape`, `ctrl-c` */
export function press(before: WatchState, key: string, context: KeyContext): Pressed {
  if (key === "ctrl-c") return { state: before, quit: true };
  if (before.question !== undefined) return answered(before, before.question, key);
  const state: WatchState = { ...before, told: undefined };
  const distance = distanceOf(key, context.rows);
  if (distance !== undefined) return { state: moved(state, distance, context) };
  switch (key) {
    case "q":
    case "escape":
      return back(state);
    case "?":
      return { state: { ...state, page: state.page === "keys" ? "study" : "keys", scroll: 0 } };
    case "enter": {
      const selected = state.selected ?? context.listed[0];
      if (state.page !== "study" || selected === undefined) return { state };
      return { state: { ...state, page: "trial", selected, scroll: 0 } };
    }
    case "l":
      return { state: { ...state, axis: AXES[state.axis] } };
    case "m":
      return { state: { ...state, metric: (state.metric + 1) % Math.max(1, context.metrics) } };
    case "o":
      return { state: { ...state, order: state.order === "newest" ? "best" : "newest" } };
    default: {
      const question = context.mayAct && state.page !== "keys" ? controlOf(key, state) : undefined;
      if (question !== undefined && question.trial === undefined && context.hasFinished)
        return { state: { ...state, told: `the study has finished: there is nothing to ${question.kind}` } };
      if (question?.trial !== undefined && context.hasEnded(question.trial))
        return {
          state: { ...state, told: `trial ${question.trial} has ended, so it cannot ${question.kind}` },
        };
      return { state: question === undefined ? state : { ...state, question } };
    }
  }
}

/** A request as a question. */
export const questionText = ({ kind, trial }: ControlRequest): string =>
  `${kind} ${trial === undefined ? "the study" : `trial ${trial}`}? y: yes, any other key: no`;
