import { expect, it } from "vitest";
import { quotaText } from "./quota-text.js";

it.each([
  [52, 2, 25, "of the 52 trials that reached it 26 may go on, and 25 others have."],
  [7, 3, 1, "of the 7 trials that reached it 2 may go on, and 1 other has."],
  [3, 3, 0, "of the 3 trials that reached it 1 may go on, and no other has yet."],
  [2, 3, 1, "of the 2 trials that reached it none may go on yet (one in 3 may)."],
  [1, 4, 0, "of the 1 trial that reached it none may go on yet (one in 4 may)."],
])("%d reached, one in %d may go on, %d others have", (reached, eta, others, text) => {
  expect(quotaText({ reached, eta, others })).toBe(text);
});
