import { CurvewiseError } from "../../core/errors.js";
import { ANSWER_WINDOW, type Reply } from "../messages.js";

/**
 * The answers to an attempt's messages, by their places in its sequence:
 *
 * | the message is                         | what comes of it                               |
 * | -------------------------------------- | ---------------------------------------------- |
 * | new                                    | it is done, and answered                       |
 * | being done                             | the answer that it will have                   |
 * | answered                               | the same answer                                |
 * | older than the window                  | refused: it may have been done                 |
 * | one whose doing failed, not by a fault of the sender | it is done, as if it were new    |
 *
 * Those of thousands of workers are kept, so each is small.
 */
export interface Answers {
  /**
   * The answer to a message. Without a sequence it is done every time that it comes.
   *
   * @param place names the attempt, for the error
   * @throws CurvewiseError `SEQUENCE_OLD`
   */
  to(place: string, sequence: number | undefined, act: () => Promise<Reply>): Promise<Reply>;
}

/** Makes those of an attempt that begins. */
export function createAnswers(): Answers {
  const replies = new Map<number, Reply | Promise<Reply>>();
  let newest = 0;

  /** Keeps an answer in place of the promise of it, which holds on to all that made it. */
  const keep = async (sequence: number, reply: Promise<Reply>): Promise<void> => {
    try {
      const given = await reply;
      if (replies.has(sequence)) replies.set(sequence, given);
    } catch {
      replies.delete(sequence);
    }
  };

  return {
    to: (place, sequence, act) => {
      if (sequence === undefined) return act();
      const known = replies.get(sequence);
      if (known !== undefined) return Promise.resolve(known);
      if (sequence <= newest - ANSWER_WINDOW) {
        throw new CurvewiseError("SEQUENCE_OLD", `message ${sequence} of ${place} is old`, {
          hint: `At most ${ANSWER_WINDOW} messages of an attempt may be unanswered.`,
        });
      }
      const reply = act();
      replies.set(sequence, reply);
      void keep(sequence, reply);
      newest = Math.max(newest, sequence);
      for (const old of replies.keys()) {
        if (old > newest - ANSWER_WINDOW) break;
        replies.delete(old);
      }
      return reply;
    },
  };
}
