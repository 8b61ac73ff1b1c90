import { pathOf } from "../../views/answer-path.js";
import type { Change, ProblemView, RequestAnswer } from "../../views/contract.js";
import { createEventParser } from "./event-stream.js";
import { AnswerError, answerError, asAnswerError, type LiveListener, type Source } from "./source.js";
import type { TokenStore } from "./token.js";

/** Milliseconds before the first and the longest wait for another connection. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;

/** Milliseconds by which clocks may differ: servers tell the time to the second, and an answer takes a while. */
const CLOCK_TOLERANCE = 10_000;

/** What a source over HTTP needs. */
export interface HttpSourceOptions {
  /** The address that paths are below, with a slash at its end. */
  readonly base: string;
  readonly token: Pick<TokenStore, "get">;
  /** Called when the server asks for a token or refuses the one given. */
  readonly onRefused: () => void;
}

const isProblem = (value: unknown): value is ProblemView =>
  typeof value === "object" &&
  value !== null &&
  "error" in value &&
  typeof value.error === "object" &&
  value.error !== null &&
  "message" in value.error;

const unreachable = (): AnswerError =>
  new AnswerError(
    "SERVER_UNREACHABLE",
    "the dashboard's server does not answer",
    "It may have been ended: start `curvewise dashboard` again, then retry.",
  );

async function refusal(response: Response): Promise<AnswerError> {
  try {
    const body: unknown = await response.json();
    if (isProblem(body)) return answerError(body);
  } catch {
    // Not from our server: only the status is known.
  }
  return new AnswerError("HTTP", `the server answered with status ${response.status}`, null);
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });

/** Asks a server. */
export function createHttpSource({ base, token, onRefused }: HttpSourceOptions): Source {
  /** By how many milliseconds the server's clock is ahead. */
  let ahead = 0;

  async function ask(path: string, options: RequestInit = {}): Promise<Response> {
    const headers = new Headers(options.headers);
    const secret = token.get();
    if (secret !== undefined) headers.set("Authorization", `Bearer ${secret}`);
    let response: Response;
    try {
      response = await fetch(base + path, { ...options, headers });
    } catch (thrown) {
      if (options.signal?.aborted === true) throw thrown;
      throw unreachable();
    }
    const told = Date.parse(response.headers.get("Date") ?? "");
    const difference = told - Date.now();
    ahead = Math.abs(difference) > CLOCK_TOLERANCE ? difference : 0;
    if (response.ok) return response;
    if (response.status === 401) onRefused();
    throw await refusal(response);
  }

  /** Reads one connection until it ends. @returns the last event's identifier */
  async function readStream(response: Response, last: string, { onChange }: LiveListener): Promise<string> {
    const parser = createEventParser(last);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = last;
    for (;;) {
      const piece = await reader?.read();
      if (piece === undefined || piece.done) return seen;
      for (const { type, data, id } of parser.feed(piece.value)) {
        seen = id;
        const change: Change = JSON.parse(data);
        if (type === "change" || type === "message") onChange(change);
      }
    }
  }

  async function follow(study: string, listener: LiveListener, signal: AbortSignal): Promise<void> {
    const path = pathOf(["studies", study, "live"]);
    let last = "";
    let wait = FIRST_WAIT;
    while (!signal.aborted) {
      const headers = new Headers({ Accept: "text/event-stream" });
      if (last !== "") headers.set("Last-Event-ID", last);
      try {
        const response = await ask(path, { headers, signal });
        listener.onConnection(true);
        wait = FIRST_WAIT;
        last = await readStream(response, last, listener);
      } catch (thrown) {
        if (asAnswerError(thrown).code === "STUDY_NOT_FOUND") return;
      }
      if (signal.aborted) return;
      listener.onConnection(false);
      // Many pages must not come back all at once.
      await pause(wait * (0.75 + Math.random() / 2), signal);
      wait = Math.min(2 * wait, LONGEST_WAIT);
    }
  }

  return {
    isLive: true,
    now: () => Date.now() + ahead,
    has: () => true,
    json: async (path, signal) => (await ask(path, signal === undefined ? {} : { signal })).json(),
    bytes: async (path, signal) => (await ask(path, signal === undefined ? {} : { signal })).arrayBuffer(),
    live: (study, listener) => {
      const controller = new AbortController();
      void follow(study, listener, controller.signal);
      return () => controller.abort();
    },
    send: async (study, request) => {
      const response = await ask(pathOf(["studies", study, "requests"]), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(request),
      });
      const answer: RequestAnswer = await response.json();
      return answer;
    },
  };
}
