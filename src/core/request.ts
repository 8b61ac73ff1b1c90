import type { Params } from "./param.js";

/** Pauses, resumes or stops a study or, with a number, one of its trials. */
export interface ControlRequest {
  readonly kind: "pause" | "resume" | "stop";
  readonly trial?: number;
}
/** Has params tried next. */
export interface EnqueueRequest {
  readonly kind: "enqueue";
  /** Missing ones are drawn at random. */
  readonly params: Params;
}
/** Raises limits of the budget; those that are not named stay. */
export interface BudgetRequest {
  readonly kind: "budget";
  readonly trials?: number;
  readonly totalSteps?: number;
  /** Seconds. */
  readonly time?: number;
}
/** Changes how many trials the coordinator's own launcher trains at the same time, until the session ends. */
export interface WorkersRequest {
  readonly kind: "workers";
  readonly workers: number;
}
/** Adds a note to a study or, with a number, to one of its trials. */
export interface NoteRequest {
  readonly kind: "note";
  readonly trial?: number;
  readonly text: string;
}
/** Adds tags to a study or, with a number, to one of its trials, and removes others. */
export interface TagsRequest {
  readonly kind: "tags";
  readonly trial?: number;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** What may be asked of a study while it runs, from any process; its coordinator carries it out. */
export type StudyAction =
  | ControlRequest
  | EnqueueRequest
  | BudgetRequest
  | WorkersRequest
  | NoteRequest
  | TagsRequest;

/** What somebody asks of a study. */
export interface StudyRequest {
  /** Who asks: `ana@workstation`, `page of ana@workstation`, `ana@login1 over HTTP (NAME)`, `assistant NAME`. */
  readonly by: string;
  readonly action: StudyAction;
}

/** A request that no coordinator has carried out yet. */
export interface PendingRequest {
  /** Later ones have greater numbers. */
  readonly number: number;
  /** When it was made, in milliseconds since 1970. */
  readonly time: number;
  readonly request: StudyRequest;
}

/** The most characters of a name in {@link StudyRequest.by}, of a note's text, and of a tag. */
export const MOST_CHARACTERS = { by: 200, text: 10_000, tag: 100 } as const;

/** What a person has decided about a study or a trial, until that is carried out or taken back. */
export interface Hold {
  readonly action: "pause" | "stop";
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** The rule of explanations by which somebody's request is followed, not a scheduler's decision. */
export const REQUEST_RULE = "request";
