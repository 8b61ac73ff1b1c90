import type { CurvewiseError } from "../../core/errors.js";
import type { Reply } from "../messages.js";
import { type WishEvent, type WishStep, wishAfter } from "./wish-table.js";

interface Wish {
  readonly is: WishStep["is"];
  readonly answer: Promise<Reply>;
  readonly withdrawal: AbortController;
}

/** Looks for an attempt for a wish; `granted` is to be called at the moment at which there is one. */
export type Grant = (request: string, withdrawn: AbortSignal, granted: () => void) => Promise<Reply>;

/** A worker's wishes for attempts, by their requests. What becomes of each is told by the table of `wish-table.ts`. */
export interface Wishes {
  /**
   * The answer to a wish: that of its attempt as long as that is not over, however often it is asked.
   *
   * @param isFull whether the worker is at its limit, given how many wishes are waiting
   * @throws CurvewiseError what `full` gives, for a new wish
   */
  ask(request: string, isFull: (waiting: number) => boolean): Promise<Reply>;
  /** Nobody waits any more for the answer to a wish, or to any. */
  withdraw(request: string): void;
  withdrawAll(): void;
  /** The attempt of a wish is over. */
  end(request: string): void;
}

/**
 * Makes an empty list.
 *
 * @param full the error that refuses a worker at its limit
 */
export function createWishes(grant: Grant, full: () => CurvewiseError): Wishes {
  const wishes = new Map<string, Wish>();

  /** Has something happen to a wish that is known, or says what that would come to for one that is not. */
  const take = (request: string, type: WishEvent["type"]): WishStep => {
    const wish = wishes.get(request);
    const step = wishAfter({ is: wish?.is ?? "unknown" }, { type });
    if (wish === undefined) return step;
    if (step.is === "unknown") wishes.delete(request);
    else wishes.set(request, { ...wish, is: step.is });
    if (step.do === "withdraw") wish.withdrawal.abort();
    return step;
  };

  const begin = (request: string): Promise<Reply> => {
    const withdrawal = new AbortController();
    const look = async (): Promise<Reply> => {
      try {
        const reply = await grant(request, withdrawal.signal, () => {
          take(request, "granted");
        });
        if (reply.type === "none") take(request, "denied");
        return reply;
      } catch (error) {
        take(request, "denied");
        throw error;
      }
    };
    const answer = Promise.resolve().then(look);
    wishes.set(request, { is: "wished", answer, withdrawal });
    return answer;
  };

  const waiting = (): number =>
    [...wishes.values()].filter(({ is }) => is === "wished" || is === "withdrawn").length;

  const ask: Wishes["ask"] = async (request, isFull) => {
    const step = take(request, "asked");
    const known = wishes.get(request);
    if (known === undefined || step.do === "begin") {
      if (isFull(waiting())) throw full();
      return begin(request);
    }
    const reply = await known.answer;
    if (step.do === "answer" || reply.type === "assignment") return reply;
    return ask(request, isFull);
  };

  const withdraw = (request: string): void => {
    take(request, "withdrawn");
  };

  return {
    ask,
    withdraw,
    withdrawAll: () => {
      for (const request of wishes.keys()) withdraw(request);
    },
    end: (request) => {
      take(request, "ended");
    },
  };
}
