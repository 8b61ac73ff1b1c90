import { describe, expect, it } from "vitest";
import { factsText, tableText } from "./table.js";

describe("tableText", () => {
  it("puts columns under each other, numbers at the right", () => {
    expect(
      tableText(
        [{ title: "trial", align: "right" }, { title: "state" }, { title: "loss", align: "right" }],
        [
          ["7", "complete", "0.25"],
          ["12", "stopped", "1.5"],
        ],
      ),
    ).toBe(["trial  state     loss", "    7  complete  0.25", "   12  stopped    1.5"].join("\n"));
  });

  it("keeps every row on its line", () => {
    expect(tableText([{ title: "a" }, { title: "b" }], [["x\ny", "\u001b[31mz"]])).toBe(
      "a    b\nx y   [31mz",
    );
  });

  it("counts wide letters as two columns", () => {
    expect(tableText([{ title: "a" }, { title: "b" }], [["学習", "x"]])).toBe("a     b\n学習  x");
  });

  it("shows the head alone without rows", () => {
    expect(tableText([{ title: "a" }, { title: "b" }], [])).toBe("a  b");
  });
});

describe("factsText", () => {
  it("aligns the values", () => {
    expect(
      factsText([
        ["study", "x"],
        ["go", "y"],
      ]),
    ).toBe("study  x\ngo     y");
  });
});

describe("a cell that is too long", () => {
  it("is cut after a thousand letters, wherever the table goes", () => {
    const [, line = ""] = tableText([{ title: "a" }], [["x".repeat(200_000)]]).split("\n");
    expect(line).toBe(`${"x".repeat(999)}…`);
  });
});

describe("a table that is too wide", () => {
  const columns = [{ title: "trial" }, { title: "why" }];

  it("is cut at the width, letter by letter", () => {
    expect(tableText(columns, [["7", "abcdefghij"]], 12)).toBe("trial  why\n7      abcd…");
    expect(tableText(columns, [["7", "abcde"]], 12)).toBe("trial  why\n7      abcde");
    expect(tableText(columns, [["7", "学習率"]], 12)).toBe("trial  why\n7      学習…");
  });
});
