import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { needsToken, pulse, useSource } from "./session.js";
import { type AnswerError, asAnswerError, type Source } from "./source.js";

/** The longest that an answer is good for while the study changes, in milliseconds. */
const LONGEST_REST = 30_000;

/** What became of a question. */
export interface Answer<Value> {
  /** The newest answer; of the same question, it stays while that is asked again. */
  readonly value: Value | undefined;
  /** Why it is not newer. */
  readonly error: AnswerError | undefined;
  readonly retry: () => void;
}

interface Held<Value> {
  readonly key: string;
  readonly value: Value | undefined;
  readonly error: AnswerError | undefined;
}

/**
 * Asks, and asks again when the study changed.
 *
 * @param key which question it is; undefined: none
 * @param ask given the answer before, if it was to the same question
 * @param isSteady whether it is asked once, however the study changes
 */
export function useQuestion<Value>(
  key: string | undefined,
  ask: (source: Source, signal: AbortSignal, before: Value | undefined) => Promise<Value>,
  isSteady = false,
): Answer<Value> {
  const source = useSource();
  const [held, setHeld] = useState<Held<Value> | undefined>(undefined);
  const newest = useRef(held);
  newest.current = held;
  const again = useRef<() => void>(() => undefined);
  const retry = useCallback(() => again.current(), []);
  const beat = pulse.value;
  const isRefused = needsToken.value;
  useEffect(() => {
    if (key === undefined || isRefused) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    let isBusy = false;
    let isDue = false;
    let rest: ReturnType<typeof setTimeout> | undefined;
    // A slow answer is waited for, even if the study has changed since, or there might never be one; and the longer it
    // took, the longer it is good for.
    async function askOnce(question: string): Promise<void> {
      const begun = performance.now();
      const before = newest.current?.key === question ? newest.current.value : undefined;
      try {
        const value = await ask(source, signal, before);
        if (!signal.aborted) setHeld({ key: question, value, error: undefined });
      } catch (thrown) {
        if (!signal.aborted) setHeld({ key: question, value: before, error: asAnswerError(thrown) });
      }
      if (signal.aborted) return;
      rest = setTimeout(
        () => {
          isBusy = false;
          if (isDue) again.current();
        },
        Math.min(LONGEST_REST, 4 * (performance.now() - begun)),
      );
    }
    again.current = () => {
      isDue = isBusy;
      if (isBusy) return;
      isBusy = true;
      void askOnce(key);
    };
    again.current();
    return () => {
      controller.abort();
      clearTimeout(rest);
      again.current = () => undefined;
    };
  }, [key, isRefused]);
  useEffect(() => {
    if (beat > 0 && !isSteady) again.current();
  }, [beat]);
  const own = held?.key === key ? held : undefined;
  return { value: own?.value, error: own?.error, retry };
}

/** Asks for the answer at a path. @param path undefined: for none */
export function useAnswer<Value>(path: string | undefined, isSteady = false): Answer<Value> {
  return useQuestion<Value>(path, (source, signal) => source.json<Value>(path ?? "", signal), isSteady);
}
