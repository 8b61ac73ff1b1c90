import { describe, expect, it } from "vitest";
import { CurvewiseError } from "../../core/errors.js";
import type { Reply } from "../messages.js";
import { createAnswers } from "./answers.js";
import { createWishes } from "./wishes.js";

const NONE: Reply = { type: "none", reason: "interrupted" };
const attemptOf = (trial: number): Reply => ({
  type: "assignment",
  assignment: { trial, attempt: 1, params: {}, seed: 1, folder: `trial-${trial}` },
});

interface Look {
  readonly withdrawn: AbortSignal;
  /** There is an attempt; there is none, or looking for one failed. */
  readonly grant: (trial: number) => void;
  readonly deny: () => void;
  readonly fail: (error: Error) => void;
}

/** Wishes of a worker with two slots, and the looks for attempts that they began. */
function wishesOf() {
  const looks: Look[] = [];
  const wishes = createWishes(
    (_request, withdrawn, granted) =>
      new Promise((resolve, reject) => {
        looks.push({
          withdrawn,
          grant: (trial) => {
            granted();
            resolve(attemptOf(trial));
          },
          deny: () => resolve(NONE),
          fail: reject,
        });
      }),
    () => new CurvewiseError("SLOTS_TAKEN", "no slot"),
  );
  const look = async (index: number): Promise<Look> => {
    for (;;) {
      const found = looks[index];
      if (found !== undefined) return found;
      await Promise.resolve();
    }
  };
  return { wishes, looks, look, ask: (request: string) => wishes.ask(request, (waiting) => waiting >= 2) };
}

describe("a wish", () => {
  it("has one attempt, however often it is asked, until that is over", async () => {
    const { wishes, looks, look, ask } = wishesOf();
    const [first, again] = [ask("1"), ask("1")];
    (await look(0)).grant(7);
    expect(await Promise.all([first, again, ask("1")])).toEqual([attemptOf(7), attemptOf(7), attemptOf(7)]);
    wishes.withdraw("1");
    expect(await ask("1")).toEqual(attemptOf(7));
    wishes.end("1");
    wishes.end("1");
    const next = ask("1");
    (await look(1)).grant(8);
    expect(await next).toEqual(attemptOf(8));
    expect(looks).toHaveLength(2);
  });

  it("gets the attempt that was being started when the connection was lost", async () => {
    const { wishes, looks, look, ask } = wishesOf();
    const lost = ask("1");
    const { withdrawn, grant } = await look(0);
    wishes.withdrawAll();
    wishes.withdrawAll();
    expect(withdrawn.aborted).toBe(true);
    const [again, twice] = [ask("1"), ask("1")];
    grant(3);
    expect(await Promise.all([lost, again, twice])).toEqual([attemptOf(3), attemptOf(3), attemptOf(3)]);
    expect(looks).toHaveLength(1);
  });

  it("looks anew, once, where the withdrawn one got nothing", async () => {
    const { wishes, looks, look, ask } = wishesOf();
    const lost = ask("1");
    const { deny } = await look(0);
    wishes.withdraw("1");
    const [again, twice] = [ask("1"), ask("1")];
    deny();
    expect(await lost).toEqual(NONE);
    (await look(1)).grant(4);
    expect(await Promise.all([again, twice])).toEqual([attemptOf(4), attemptOf(4)]);
    expect(looks).toHaveLength(2);
  });

  it("waits in a slot, withdrawn or not, until it is answered", async () => {
    const { wishes, look, ask } = wishesOf();
    const [first, second] = [ask("1"), ask("2")];
    await expect(ask("3")).rejects.toMatchObject({ code: "SLOTS_TAKEN" });
    wishes.withdraw("1");
    await expect(ask("3")).rejects.toMatchObject({ code: "SLOTS_TAKEN" });
    (await look(0)).deny();
    (await look(1)).fail(new Error("no storage"));
    expect(await first).toEqual(NONE);
    await expect(second).rejects.toThrow("no storage");
    const third = ask("3");
    (await look(2)).grant(1);
    expect(await third).toEqual(attemptOf(1));
  });
});

describe("the answers of an attempt", () => {
  const answer = (code: string): Reply => ({ type: "error", error: { code, message: "" } });

  it("are those that were given, while it is done and after", async () => {
    const answers = createAnswers();
    let [acts, finish] = [0, (): void => {}];
    const act = (): Promise<Reply> => {
      acts += 1;
      return new Promise((resolve) => {
        finish = () => resolve(answer("one"));
      });
    };
    const [first, again] = [answers.to("1/1", 1, act), answers.to("1/1", 1, act)];
    finish();
    expect(await Promise.all([first, again, answers.to("1/1", 1, act)])).toEqual([
      answer("one"),
      answer("one"),
      answer("one"),
    ]);
    expect(acts).toBe(1);
    void answers.to("1/1", undefined, act);
    void answers.to("1/1", undefined, act);
    expect(acts).toBe(3);
  });

  it("are refused where they may be forgotten, and made again where doing it failed", async () => {
    const answers = createAnswers();
    await expect(answers.to("1/1", 1, () => Promise.reject(new Error("no storage")))).rejects.toThrow(
      "no storage",
    );
    expect(await answers.to("1/1", 1, async () => answer("again"))).toEqual(answer("again"));
    for (let sequence = 2; sequence <= 65; sequence++) {
      await answers.to("1/1", sequence, async () => answer("later"));
    }
    expect(await answers.to("1/1", 2, async () => answer("never"))).toEqual(answer("later"));
    expect(() => answers.to("1/1", 1, async () => answer("never"))).toThrow(
      expect.objectContaining({ code: "SEQUENCE_OLD", message: "message 1 of 1/1 is old" }),
    );
    expect(() => answers.to("1/1", 0, async () => answer("never"))).toThrow("message 0 of 1/1 is old");
  });
});
