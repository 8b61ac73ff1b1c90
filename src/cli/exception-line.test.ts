import { describe, expect, it } from "vitest";
import { exceptionLine } from "./exception-line.js";

// Each is what the language prints; the examples were copied from its interpreter or documentation.
describe("exceptionLine", () => {
  it.each([
    [
      "Python",
      ["Traceback (most recent call last):", '  File "t.py", line 1, in <module>', "ValueError: bad lr"],
      "ValueError: bad lr",
    ],
    [
      "Python, in a module",
      ["x", "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20 MiB"],
      "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20 MiB",
    ],
    ["Python, without a message", ["Traceback (most recent call last):", "AssertionError"], "AssertionError"],
    [
      "Python, of several lines",
      ["RuntimeError: Error(s) in loading state_dict:", "\tsize mismatch for w"],
      "RuntimeError: Error(s) in loading state_dict:",
    ],
    [
      "Python, chained",
      [
        "KeyError: 'a'",
        "",
        "During handling of the above exception, another exception occurred:",
        "",
        "TypeError: b",
      ],
      "TypeError: b",
    ],
    [
      "Node",
      [
        "file:///t.mjs:1",
        "throw new TypeError('x')",
        "      ^",
        "",
        "TypeError: x",
        "    at file:///t.mjs:1:7",
        "",
        "Node.js v20.19.0",
      ],
      "TypeError: x",
    ],
    [
      "Node, of the system",
      ["Error [ERR_MODULE_NOT_FOUND]: Cannot find module 'x'", "    at f"],
      "Error [ERR_MODULE_NOT_FOUND]: Cannot find module 'x'",
    ],
    [
      "Java",
      ['Exception in thread "main" java.lang.IllegalStateException: x', "\tat T.main(T.java:3)"],
      'Exception in thread "main" java.lang.IllegalStateException: x',
    ],
    ["Julia", ["ERROR: LoadError: DomainError with -1.0:"], "ERROR: LoadError: DomainError with -1.0:"],
    ["R", ["Error in log(-1) : x"], "Error in log(-1) : x"],
    [
      "Rust",
      ["thread 'main' panicked at src/main.rs:2:5:", "boom"],
      "thread 'main' panicked at src/main.rs:2:5:",
    ],
    ["Go", ["panic: boom", "", "goroutine 1 [running]:"], "panic: boom"],
  ])("finds what %s says", (_, output, line) => {
    expect(exceptionLine(output)).toBe(line);
  });

  it("takes nothing else for an exception", () => {
    expect(exceptionLine([])).toBeUndefined();
    expect(
      exceptionLine(["epoch 1 loss 0.3", "squared error 0.2", "Errors so far: 3", "the error: none"]),
    ).toBeUndefined();
  });

  it("cuts what is too long", () => {
    const line = exceptionLine([`ValueError: ${"x".repeat(300)}`]);
    expect(line).toMatch(/^ValueError: x+…$/);
    expect(line).toHaveLength(200);
  });
});
