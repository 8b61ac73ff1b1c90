import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choice, float, int } from "../core/param.js";
import { checkCommand, fillCommand, parseCommand } from "./command-template.js";

const predefined = { trial: 7, seed: 42, max_steps: undefined, dir: "/tmp/t 7", resume: undefined };
type Command = readonly (string | readonly string[])[];
const fill = (command: Command, params = {}, shell = false) =>
  fillCommand(parseCommand({ command, shell }), params, predefined);
const code = (expected: string, hint: RegExp) =>
  expect.objectContaining({ code: expected, hint: expect.stringMatching(hint) });

describe("fillCommand", () => {
  it("puts params and the predefined values in", () => {
    const params = { lr: 1e-7, name: "a b", deep: true };
    expect(fill(["train", "--lr={lr}", "{name}", "{deep}", "{trial}-{seed}", "{dir}"], params)).toEqual([
      "train",
      "--lr=1e-7",
      "a b",
      "true",
      "7-42",
      "/tmp/t 7",
    ]);
  });
  it("puts null, lists and mappings in as JSON", () => {
    const params = { layers: [64, 64], extra: { a: [1, null], b: "x y" }, none: null };
    expect(fill(["train", "--layers={layers}", "{extra}", "{none}"], params)).toEqual([
      "train",
      "--layers=[64,64]",
      '{"a":[1,null],"b":"x y"}',
      "null",
    ]);
    expect(fill(["${args}"], params)).toEqual([
      "--layers=[64,64]",
      '--extra={"a":[1,null],"b":"x y"}',
      "--none=null",
    ]);
    expect(fill(["echo {extra}"], params, true)[2]).toBe(`echo '{"a":[1,null],"b":"x y"}'`);
  });
  it("writes booleans as flags", () => {
    const command = ["train", "{amp?--amp}", "{amp?--amp:--no-amp}", "net{amp?-amp:}.pt", "{amp?:off}"];
    expect(fill(command, { amp: true })).toEqual(["train", "--amp", "--amp", "net-amp.pt", ""]);
    expect(fill(command, { amp: false })).toEqual(["train", "--no-amp", "net.pt", "off"]);
    expect(fill(command, {})).toEqual(["train"]);
    expect(fill(["train {amp?--amp} {amp?--amp:--no-amp} ${amp?unset}"], { amp: false }, true)[2]).toBe(
      "train  --no-amp ${amp?unset}",
    );
    expect(fill(["{amp?a b:c}"], { amp: true }), "as one argument").toEqual(["a b"]);
  });
  it("leaves out arguments with an absent value whole", () => {
    expect(fill(["train", "--momentum={momentum}", "--resume={resume}", "--max={max_steps}", "x"])).toEqual([
      "train",
      "x",
    ]);
  });
  it("expands ${args} alone", () => {
    expect(fill(["train", "${args}", "x"], { lr: 0.1, name: "a b" })).toEqual([
      "train",
      "--lr=0.1",
      "--name=a b",
      "x",
    ]);
  });
  it("leaves out groups as a whole", () => {
    const command = ["train", ["--momentum", "{momentum}"], ["--amp", "--scale={scale}", "x"], "y"];
    expect(fill(command, { momentum: 0.9 })).toEqual(["train", "--momentum", "0.9", "y"]);
    expect(fill(command, { scale: 2 })).toEqual(["train", "--amp", "--scale=2", "x", "y"]);
  });
  it("writes values in formats", () => {
    const command = ["train", "{lr:.2e}", "{amp:flag}", "{units:int}", "{layers:python}", "{{a:{lr:g}}}"];
    expect(fill(command, { lr: 0.001, amp: true, units: 63.7, layers: [1, null] })).toEqual([
      "train",
      "1.00e-03",
      "--amp",
      "64",
      "[1, None]",
      "{a:0.001}",
    ]);
    expect(fill(["train", "{amp:flag}"], { amp: false })).toEqual(["train"]);
    expect(fill(["echo {name:json}"], { name: "it's" }, true)[2]).toBe(`echo '"it'\\''s"'`);
  });
  it("tells whether there is something to resume from", () => {
    const command = parseCommand({
      command: ["train", "{resume?--resume:--scratch}", ["--from", "{resume}"]],
      shell: false,
    });
    expect(fillCommand(command, {}, predefined)).toEqual(["train", "--scratch"]);
    expect(fillCommand(command, {}, { ...predefined, resume: "/m" })).toEqual([
      "train",
      "--resume",
      "--from",
      "/m",
    ]);
  });
  it("prefers a param to a predefined value", () => {
    expect(fill(["train", "{seed}"], { seed: 1 })).toEqual(["train", "1"]);
  });
  it("unescapes doubled braces", () => {
    expect(fill(["train", '{{"lr":{lr}}}', "${{HOME}}"], { lr: 1 })).toEqual([
      "train",
      '{"lr":1}',
      "${HOME}",
    ]);
  });
  it("gives a shell values that it takes literally, wherever they stand", () => {
    const value = fc
      .string({ unit: "binary", maxLength: 12 })
      .filter((text) => !/[\0\ud800-\udfff]/.test(text));
    fc.assert(
      fc.property(value, (text) => {
        const line = "printf '%s\\n' a{v}b 'a{v}b' \"a{v}b\" && printf %s \"${#}\" # it's";
        const [file = "", ...rest] = fill([line], { v: text }, true);
        const output = execFileSync(file, rest, { encoding: "utf8" });
        expect(output).toBe(`${`a${text}b\n`.repeat(3)}0`);
      }),
      { numRuns: 40 },
    );
  });
  it("leaves out a shell's words with an absent value", () => {
    expect(fill(['echo a "--m={momentum} x" b'], {}, true)).toEqual(["/bin/sh", "-c", "echo a  b"]);
    expect(fill(["echo ${args}"], { lr: 0.1, name: "a b" }, true)[2]).toBe("echo --lr=0.1 '--name=a b'");
  });
});

describe("checkCommand", () => {
  const check = (command: Command, shell = false) =>
    checkCommand({ command, shell }, { lr: float(0, 1), batch: int(1, 9), amp: choice([true, false]) });
  it("accepts params and predefined names", () => {
    expect(() => check(["train", "{lr}", "{max_steps}", "{{x}}", "${args}"])).not.toThrow();
    expect(() => check(["train {lr} ${HOME} ${args}"], true)).not.toThrow();
  });
  it("accepts flags for params that are true or false", () => {
    expect(() => check(["train", "{amp?--amp}", "{amp?--amp:--no-amp}"])).not.toThrow();
    expect(() => check(["train {amp?--amp}"], true)).not.toThrow();
    const message = "{lr?...} in the command asks whether lr is true, but lr is not only true or false";
    expect(() => check(["train", "{lr?--lr}"])).toThrow(message);
    expect(() => check(["train", "{seed?--seed}"])).toThrow("asks whether seed is true");
    expect(() => check(["train", "{amo?--amp}"])).toThrow(code("COMMAND_INVALID", /\{amp\}/));
    expect(() => check(["train", "{amp?}"])).toThrow(code("COMMAND_INVALID", /\{amp\?--yes:--no\}/));
    expect(() => check(["train", "{amp?:}"])).toThrow("says nothing");
    expect(() => check(["train", "{amp?{lr}}"])).toThrow("a single {");
  });
  it("checks formats and groups", () => {
    expect(() =>
      check(["train", "{batch:d}", ["--lr", "{lr:.6g}"], "{amp:flag}", "{seed:05d}"]),
    ).not.toThrow();
    expect(() => check(["train", ["--lr", "{bach}"]])).toThrow(code("COMMAND_INVALID", /\{batch\}/));
    expect(() => check(["train", "{lr:flag}"])).toThrow(
      "{lr:flag} in the command wants a param that is true or false, but lr is not always",
    );
    expect(() => check(["train", "{dir:d}"])).toThrow("wants a param that is a whole number");
    expect(() => check(["train", "{lr:6}"])).toThrow(code("COMMAND_INVALID", /\.6g/));
    expect(() => check([["train"], "x"])).toThrow("begins with a group");
    expect(() => check(["train", "{resume?--resume}"])).not.toThrow();
  });
  it("names the nearest param", () => {
    expect(() => check(["train", "{bach}"])).toThrow(code("COMMAND_INVALID", /\{batch\}/));
    expect(() => check(["train {bach}"], true)).toThrow(code("COMMAND_INVALID", /\{batch\}/));
    expect(() => check(["train", "{something}"])).toThrow(code("COMMAND_INVALID", /Known: \{lr\} \{batch\}/));
  });
  it.each([
    [[], /program/],
    [[" "], /program/],
    [["train", "{"], /\{\{/],
    [["train", "a}"], /\}\}/],
    [["train", "x=${args}"], /alone/],
    [["train", "${HOME}/x"], /shell: true/],
    [["train", "a\0b"], /./],
  ])("refuses %j", (command, hint) => {
    expect(() => check(command)).toThrow(code("COMMAND_INVALID", hint));
  });
});
