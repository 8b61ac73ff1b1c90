import { describe, expect, it } from "vitest";
import { gpusOfSlots } from "./worker.js";

describe("the GPUs of a process", () => {
  it.each([
    [undefined, 2, []],
    ["", 2, []],
    ["NoDevFiles", 2, []],
    ["0", 1, ["0"]],
    ["2,5", 2, ["2", "5"]],
    ["0, 1,2,3", 2, ["0,2", "1,3"]],
    ["0,1,2", 2, ["0,2", "1"]],
    ["0,1", 1, ["0,1"]],
    ["GPU-8932f937,GPU-46ce3f81", 4, ["GPU-8932f937", "GPU-46ce3f81"]],
  ])("%s among %d slots", (visible, slots, expected) => {
    expect(gpusOfSlots(visible, slots)).toEqual(expected);
  });
});
