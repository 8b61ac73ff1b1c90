import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { choice, float, int } from "../core/param.js";
import { programChecks } from "./check-program.js";
import { programVariables, writeProgramFiles } from "./program-files.js";

const predefined = { trial: 7, seed: 42, max_steps: 30, dir: "/t", resume: undefined };
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "files-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("writeProgramFiles", () => {
  const written = async (text: string, params: Parameters<typeof writeProgramFiles>[1]) => {
    await writeProgramFiles({ files: [{ path: "a/config", text }] }, params, predefined, folder);
    return readFile(join(folder, "a", "config"), "utf8");
  };
  it("puts values into the template, and leaves its other braces alone", async () => {
    const text = '{"optim": {"lr": {{lr}}, "name": {{ name:json }}}, "amp": {{amp?1:0}}, "x": "{{1}} ${y}"}';
    const filled = await written(text, { lr: 1e-7, name: 'a"b', amp: false });
    expect(JSON.parse(filled)).toEqual({
      optim: { lr: 1e-7, name: 'a"b' },
      amp: 0,
      x: "{{1}} ${y}",
    });
  });
  it("leaves out the lines of absent params, and keeps line ends", async () => {
    expect(await written("lr: {{lr}}\r\nmomentum: {{momentum}}\nsteps: {{max_steps}}", { lr: 0.1 })).toBe(
      "lr: 0.1\r\nsteps: 30",
    );
  });
  it("writes each file anew, at a path that may hold params", async () => {
    const files = [
      { path: "{net}.txt", text: "{{net}}" },
      { path: "{gone}.txt", text: "" },
    ];
    await writeProgramFiles({ files }, { net: "wide" }, predefined, folder);
    await writeProgramFiles({ files }, { net: "wide" }, { ...predefined, trial: 8 }, folder);
    expect(await readdir(folder)).toEqual(["wide.txt"]);
  });
});

describe("programVariables", () => {
  it("fills in values, and leaves out variables of absent params", () => {
    const env = {
      LR: "{lr:.3f}",
      DEBUG: "{amp?1:0}",
      M: "{momentum}",
      PLAIN: "a b",
      EMPTY: "",
      JSON: "{{}}",
    };
    expect(programVariables({ env }, { lr: 0.1, amp: true }, predefined)).toEqual({
      LR: "0.100",
      DEBUG: "1",
      PLAIN: "a b",
      EMPTY: "",
      JSON: "{}",
    });
  });
});

describe("programChecks", () => {
  const space = { lr: float(0, 1), batch: int(1, 9), amp: choice([true, false]) };
  const file =
    (text: string, path = "c.yaml") =>
    () =>
      programChecks.files({ files: [{ path, text }] }, space);
  it("accepts params, and braces of the file's own", () => {
    expect(file("{{lr:.6g}} {{ batch }} {{seed}} {{#if}} {x} {{")).not.toThrow();
    expect(() => programChecks.env({ env: { A: "{amp?1}" } }, space)).not.toThrow();
  });
  it.each([
    [file("{{bach}}"), "the file c.yaml names {bach}, which is not a param"],
    [file("", "{bach}"), "the file {bach} names {bach}"],
    [
      file("a\n{{lr:d}}"),
      "{{lr:d}} in the file c.yaml wants a param that is a whole number, but lr is not always",
    ],
    [file("{{lr:6}}"), 'has the unknown format "6"'],
    [file("{{lr?1:2}}"), "asks whether lr is true"],
    [() => programChecks.env({ env: { A: "{lrr}" } }, space), "the variable A in env names {lrr}"],
    [() => programChecks.env({ env: { A: "{" } }, space), "a single { in the variable A in env"],
    [
      () => programChecks.snapshot({ snapshot: { path: "out/model.pt", wait: 1 } }, space),
      "snapshot.path is the same for all trials",
    ],
    [
      () => programChecks.snapshot({ snapshot: { path: "{dir}/{stp}.pt", wait: 1 } }, space),
      "snapshot.path names {stp}",
    ],
  ])("refuses bad templates", (check, message) => {
    expect(check).toThrow(message);
  });
  it("accepts the step in the path of snapshots", () => {
    const check = () => programChecks.snapshot({ snapshot: { path: "{dir}/*-{step}.pt", wait: 1 } }, space);
    expect(check).not.toThrow();
  });
});
