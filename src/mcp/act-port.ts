import type { Params } from "../core/param.js";

/** What an assistant may ask of a study. */
export type Asked =
  | { readonly kind: "pause" | "resume" | "stop"; readonly trial?: number }
  | { readonly kind: "enqueue"; readonly params: Params }
  | { readonly kind: "note"; readonly text: string; readonly trial?: number };

/**
 * Asks something of a study, whoever runs it.
 *
 * @param by who asks, as the log names it
 * @returns what becomes of it, as a sentence
 */
export type Act = (study: string, asked: readonly Asked[], by: string) => Promise<string>;
