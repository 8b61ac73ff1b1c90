import { describe, expect, it } from "vitest";
import { z } from "zod";
import { generatePopulation } from "../../tests/page/generated-population.js";
import { generateReport } from "../../tests/page/generated-report.js";
import { type GeneratedStudy, generateStudy } from "../../tests/page/generated-study.js";
import { handMadeStudy } from "../../tests/page/hand-made-study.js";
import { embeddedAnswers } from "../../tests/support/embedded-answers.js";
import type { MetricGoal } from "../core/goal.js";
import { copiesOf, historyOf } from "../core/lineage.js";
import { choice, fixed } from "../core/param.js";
import { applyEvent } from "../core/study-fold.js";
import { paramsByImportance } from "../plots/index.js";

const MEGABYTE = 1e6;

async function reported(made: readonly GeneratedStudy[], goals: readonly MetricGoal[] = []) {
  const { html, isCompared } = await generateReport(made, goals);
  const answers = embeddedAnswers(html);
  const start = /data-start="([^"]*)"/.exec(html)?.[1];
  return { html, isCompared, start, answers, paths: Object.keys(answers) };
}

describe("a report", () => {
  it("asks nothing of a network, tells nothing of where it is from, and is the same each time", async () => {
    const made = generateStudy({ trials: 30 });
    const { html, answers } = await reported([made]);
    const [head = ""] = html.split("<style>");
    expect(head).toContain("default-src 'none'");
    expect(head).not.toContain("unsafe");
    expect(html.replaceAll(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, "")).not.toMatch(
      /(src|href)="(?!data:,")|url\(|@import|https?:/,
    );
    expect(answers["studies"]).toMatchObject({ location: null, mayAct: false });
    expect(html).toContain("Made by Curvewise 0.1.0 on 2025-03-03 10:00 UTC.");
    expect((await generateReport([made])).html).toBe(html);
  });

  it("has exactly its own script elements, whatever users wrote", async () => {
    const hostile = `</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>`;
    const { study, events } = generateStudy({
      name: `a"${hostile}`,
      trials: 20,
      failShare: 0.5,
      failure: hostile,
      output: [hostile, "]]>"],
      space: { "lr</script>": choice([hostile, "b"]) },
    });
    const note = { type: "note", code: "NOTE", message: hostile, hint: hostile, time: 1e12 } as const;
    applyEvent(study, note);
    const { html, answers } = await reported([{ study, events: [...events, note] }]);
    expect(html.match(/<script[ >]/g)).toHaveLength(2);
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html).not.toContain("<img");
    const text = JSON.stringify(answers);
    expect(text.split("onerror=alert(2)").length).toBeGreaterThan(20);
  });

  it.each([
    ["no trials", { trials: 0 }],
    ["only failed trials", { trials: 5, failShare: 1 }],
    ["one trial", { trials: 1, failShare: 0, divergeShare: 0 }],
    ["only diverged trials", { trials: 4, failShare: 0, divergeShare: 1, stopping: false }],
    ["a goal to maximise", { trials: 20, goal: "accuracy" }],
  ] as const)("has every answer of a study with %s", async (_, options) => {
    const { paths, start } = await reported([generateStudy(options)]);
    const at = "studies/fashion-mlp";
    expect(start).toBe(`#/${at}/overview`);
    for (const part of ["", "/trials", "/rungs", "/timeline", "/happenings", "/curves"])
      expect(paths).toContain(`${at}${part}`);
    expect(paths.filter((path) => /\/trials\/\d+$/.test(path))).toHaveLength(options.trials);
  });

  it("has slices of the params that matter, pairs of the four most important, and none without params", async () => {
    const made = generateStudy({ trials: 60 });
    const { paths } = await reported([made]);
    const plotsOf = (plot: string): string[] =>
      paths.filter((path) => path.startsWith(`studies/fashion-mlp/plots/${plot}?params=`));
    const names = paramsByImportance(made.study);
    expect(plotsOf("slice")).toEqual(names.map((name) => `studies/fashion-mlp/plots/slice?params=${name}`));
    expect(plotsOf("contour")).toHaveLength(6);
    const space = Object.keys(made.study.definition.space);
    for (const path of plotsOf("contour")) {
      const pair = [...path.matchAll(/params=([^&]*)/g)].map(([, name = ""]) => name);
      expect(pair).toHaveLength(2);
      expect(pair).toEqual(space.filter((name) => pair.includes(name)));
      expect(names.slice(0, 4)).toEqual(expect.arrayContaining(pair));
    }
    const alone = handMadeStudy([{ loss: [1], params: { lr: 1 } }], { space: { lr: fixed(1) } });
    expect((await reported([alone])).paths.filter((path) => path.includes("?params="))).toEqual([]);
  });

  it("shows the front of metrics if they are named, and refuses those that no trial reported", async () => {
    const made = generateStudy({ trials: 40, goal: "accuracy" });
    const goals = [
      { metric: "loss", direction: "minimize" },
      { metric: "accuracy", direction: "maximize" },
    ] as const;
    const { paths } = await reported([made], goals);
    for (const plot of ["pareto", "hypervolume"])
      expect(paths).toContain(`studies/fashion-mlp/plots/${plot}`);
    expect((await reported([made])).paths).not.toContain("studies/fashion-mlp/plots/pareto");
    const unknown = [...goals, { metric: "latency", direction: "minimize" } as const];
    await expect(generateReport([made], unknown)).rejects.toThrow(
      expect.objectContaining({ code: "GOALS_INVALID", message: expect.stringContaining("latency") }),
    );
  });

  it("has a population's copies and how its best model was trained", async () => {
    const made = generatePopulation();
    const { answers, paths } = await reported([made]);
    const at = `studies/${encodeURIComponent(made.study.definition.name)}`;
    const view = z
      .object({
        best: z.object({ trial: z.number(), history: z.array(z.object({ trial: z.number() })) }),
        copies: z.array(z.object({ trial: z.number(), parent: z.number(), gaveUpStep: z.number() })),
        copiesInAll: z.number(),
        failedCopies: z.number(),
      })
      .parse(answers[`${at}/population`]);
    const copies = copiesOf(made.study, made.events);
    const newest = copies.at(-1);
    expect(view.copiesInAll).toBe(copies.length);
    expect(view.copies[0]).toEqual({ trial: newest?.child, parent: newest?.parent, gaveUpStep: newest?.at });
    expect(view.best.history.map(({ trial }) => trial)).toEqual(
      historyOf(made.study, view.best.trial).map(({ trial }) => trial),
    );
    const failed = made.events.filter(({ type }) => type === "exploit-failed").length;
    expect(failed).toBeGreaterThan(0);
    expect(view.failedCopies).toBe(failed);
    expect(paths).toContain(`${at}/plots/param-history?params=lr`);
  });

  it("compares studies with one goal, and puts others side by side in the list", async () => {
    const random = generateStudy({ name: "random", stopping: false, totalSteps: 300, seed: 3 });
    const lcm = generateStudy({ name: "lcm", totalSteps: 300, trials: 1000 });
    const compared = await reported([random, lcm]);
    expect([compared.isCompared, compared.start]).toEqual([true, "#/compare?studies=random&amp;studies=lcm"]);
    expect(compared.paths).toContain("compare?studies=random&studies=lcm");
    expect(compared.html).toContain("<title>random and lcm: Curvewise</title>");
    const other = await reported([random, generateStudy({ name: "other", goal: "accuracy" })]);
    expect([other.isCompared, other.start]).toEqual([false, "#/studies"]);
    expect(other.paths).toContain("studies/other/curves");
  });

  it("has the details of 2,000 of 2,600 trials: the best, those that failed, and others", async () => {
    const made = generateStudy({ trials: 2600, maxSteps: 2, failShare: 0.05, divergeShare: 0 });
    const { answers, paths, html } = await reported([made]);
    const detailed = paths.filter((path) => /\/trials\/\d+$/.test(path));
    expect(detailed).toHaveLength(2000);
    const failed = made.study.trials.filter(({ state }) => state === "failed");
    expect(failed.length).toBeGreaterThan(50);
    for (const { number } of failed) expect(detailed).toContain(`studies/fashion-mlp/trials/${number}`);
    const table = z.object({ trials: z.array(z.number()) }).parse(answers["studies/fashion-mlp/trials"]);
    expect(table.trials).toHaveLength(2600);
    expect(html.length).toBeLessThan(2 * MEGABYTE);
  });
});
