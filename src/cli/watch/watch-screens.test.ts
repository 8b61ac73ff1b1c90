import { describe, expect, it } from "vitest";
import { handMadeStudy } from "../../../tests/page/hand-made-study.js";
import type { StudyEvent } from "../../core/events.js";
import type { Holder } from "../../core/storage.js";
import { createViewedLog } from "../../views/viewed-log.js";
import { type Line, lineWidth, writtenLine } from "../spans.js";
import { curvesPanel } from "./curves-panel.js";
import { keysScreen } from "./keys-screen.js";
import { snapshotLines } from "./snapshot.js";
import { type ScreenSettings, studyScreen, workerLines } from "./study-screen.js";
import { trialScreen, watchedTrial } from "./trial-screen.js";
import { listedTrials, type WatchModel, watchModel } from "./watch-model.js";
import { FIRST_STATE } from "./watch-state.js";

const HOLDER: Holder = { host: "here", pid: 7, started: "" };

/** Trials: complete with .2 and .3, stopped at step 2, diverged, failed, and one that is running. */
const MADE = handMadeStudy(
  [
    { loss: [0.8, 0.5, 0.3, 0.2] },
    { loss: [0.9, 0.6, 0.4, 0.3], params: { lr: 0.3 } },
    { loss: [1, 0.9], state: "stopped", params: { lr: 0.01 } },
    { loss: [0.9, Number.NaN], state: "stopped", params: { lr: 1 } },
    { loss: [0.7], state: "failed", params: { lr: 0.5 } },
    { loss: [0.6, 0.45], state: "running", params: { lr: 0.2 } },
  ],
  { maxSteps: 4 },
);

function modelOf({ study, events }: typeof MADE, holder?: Holder): WatchModel {
  const log = createViewedLog(study.definition);
  for (const [place, event] of events.entries()) log.add(event, place + 1);
  return watchModel({ study, log, holder });
}

const MODEL = modelOf(MADE, HOLDER);
const SETTINGS: ScreenSettings = {
  columns: 80,
  rows: 24,
  isUnicode: true,
  mayAct: false,
  hasFinished: false,
};
const plain = (lines: readonly Line[]): string[] =>
  lines.map((line) => line.map(({ text }) => text).join(""));
const eventsOf = (trial: number): StudyEvent[] =>
  MADE.events.filter((event) => "trial" in event && event.trial === trial);

describe("the screen of a study", () => {
  const lines = plain(studyScreen(MODEL, { ...FIRST_STATE, selected: 1 }, SETTINGS));
  const text = lines.join("\n");

  it("says who runs it, the goal, the best with its params, and the trials by state", () => {
    expect(lines[0]).toMatch(/^by hand {2}running, process 7 on here +minimize loss$/);
    expect(lines[2]).toBe("best 0.2 (trial 0)  lr=0.1");
    expect(lines[3]).toBe("1 running · 2 complete · 2 stopped · 1 failed");
    // The two stopped trials were spared two steps each.
    expect(lines[4]).toContain("steps saved 4");
  });

  it("lists the running trial first, then the newest, and marks the selected one", () => {
    const numbers = text.match(/\d+ (?=(?:running|complete|stopped|failed) {2,})/g)?.map(Number);
    expect(numbers).toEqual([5, 4, 3, 2, 1, 0]);
    expect(text).toMatch(/▸ +1 complete +0\.3 +4/);
  });

  it("shows workers with their trials, and the newest happening first", () => {
    expect(text).toContain("workers  w: trial 5, step 2");
    const [first, second] = MODEL.happenings;
    expect(first?.text).toBe("trial 4 failed: exit code 1");
    expect(second?.text).toBe("trial 3 was stopped");
    expect(text).toContain("trial 4 failed: exit code 1");
  });

  it.each([
    [80, 24],
    [81, 30],
    [132, 43],
    [200, 60],
    [60, 20],
    [40, 12],
    [20, 5],
    [3, 3],
  ])("has exactly the rows of a screen of %d columns and %d rows, and nothing is wider", (columns, rows) => {
    for (const isUnicode of [true, false]) {
      const settings = { ...SETTINGS, columns, rows, isUnicode, mayAct: true };
      const screens = [
        studyScreen(MODEL, { ...FIRST_STATE, selected: 2 }, settings),
        keysScreen({ ...FIRST_STATE, page: "keys" }, settings),
        trialScreen(watchedTrial(MADE.study, 4, eventsOf(4)), { ...FIRST_STATE, page: "trial" }, settings)
          .lines,
      ];
      for (const screen of screens) {
        expect(screen.length).toBe(rows);
        for (const line of screen) expect(lineWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  it.each([
    [false, true],
    [true, false],
  ])("offers to pause, resume and stop a study unless it has finished (%s): %s", (hasFinished, isOffered) => {
    const settings = { ...SETTINGS, columns: 200, mayAct: true, hasFinished };
    const keys = keysScreen({ ...FIRST_STATE, page: "keys" }, settings);
    for (const lines of [studyScreen(MODEL, FIRST_STATE, settings), keys])
      expect(lines.flat().some((part) => JSON.stringify(part).includes("P R S"))).toBe(isOffered);
  });

  it("is ASCII alone without Unicode, even if names are not", () => {
    const { study } = MADE;
    const model = { ...MODEL, view: { ...MODEL.view, name: "études 学" }, study };
    for (const line of studyScreen(model, FIRST_STATE, { ...SETTINGS, isUnicode: false }))
      expect(writtenLine(line, false)).toMatch(/^[ -~]*$/);
  });

  it("lets no control character of a user's text reach the terminal", () => {
    const made = handMadeStudy([{ loss: [1], params: { lr: "\u001b]0;owned\u0007\r\n\u202ex" } }]);
    const model = modelOf(made, { host: "\u001b[2Jhost", pid: 1, started: "" });
    const trial = watchedTrial(made.study, 0, made.events);
    const lines = [
      ...studyScreen(model, FIRST_STATE, SETTINGS),
      ...trialScreen(trial, { ...FIRST_STATE, page: "trial" }, SETTINGS).lines,
      ...snapshotLines(model, SETTINGS),
    ];
    const written = lines.map((line) => writtenLine(line, true)).join("");
    expect(written).toContain("owned");
    // oxlint-disable-next-line no-control-regex -- these are what a terminal acts on
    expect(written).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  it("says that there is nothing yet", () => {
    const lines = plain(studyScreen(modelOf(handMadeStudy([])), FIRST_STATE, SETTINGS));
    expect(lines[0]).toMatch(/^by hand {2}idle/);
    expect(lines[3]).toBe("no trial yet");
    expect(lines.join("\n")).toContain("nothing was reported yet");
  });

  it("keeps the selected trial in sight in a long list", () => {
    const made = handMadeStudy(Array.from({ length: 200 }, (_, place) => ({ loss: [place + 1] })));
    const model = modelOf(made);
    for (const selected of [0, 1, 100, 198, 199]) {
      const text = plain(studyScreen(model, { ...FIRST_STATE, selected }, SETTINGS)).join("\n");
      expect(text).toMatch(new RegExp(`▸ +${selected} complete`));
    }
  });
});

describe("the list of trials", () => {
  it("has the running trial first, then the best, then those without a value", () => {
    const best = listedTrials(MADE.study, "best").map(({ number }) => number);
    // Complete ones before others; the last values of the others are .7 (failed), .9, and none.
    expect(best).toEqual([5, 0, 1, 4, 2, 3]);
  });
});

describe("the curves", () => {
  const panel = (isUnicode: boolean, axis: "auto" | "log" = "auto", selected?: number): Line[] =>
    curvesPanel(MADE.study, "loss", { selected, axis }, { columns: 60, rows: 18, isUnicode });

  it("end with a mark on the best, in the place of its value", () => {
    const lines = plain(panel(true));
    // The frame's last two rows are the axis; the best value is the least one, at the last step.
    expect(lines[15]?.at(-1)).toBe("●");
    expect(lines[1]).toMatch(/^ *1 ┤/);
    expect(lines[15]).toMatch(/^ *0\.2 ┤/);
  });

  it("have the colours of their fates, and the best one is on top", () => {
    const styles = new Map<string, number>();
    for (const { text, style } of panel(true).flat())
      if (/[\u2801-\u28ff●]/.test(text))
        styles.set(style ?? "", (styles.get(style ?? "") ?? 0) + text.length);
    for (const style of ["red", "blue", "yellow", "green", "gray"]) expect(styles.has(style)).toBe(true);
    expect(plain(panel(true, "auto", 1)).join("")).toContain("◆");
  });

  it("are in letters without Unicode", () => {
    const text = plain(panel(false)).slice(1).join("");
    for (const letter of ["r", "c", "s", "f", "*"]) expect(text).toContain(letter);
    expect(text).not.toMatch(/[\u2801-\u28ff]/);
  });

  it("can have a logarithmic axis: the middle of its height is the geometric mean", () => {
    const made = handMadeStudy([{ loss: [0.01, 1] }]);
    const lines = plain(
      curvesPanel(
        made.study,
        "loss",
        { selected: undefined, axis: "log" },
        { columns: 60, rows: 20, isUnicode: true },
      ),
    );
    // 17 rows from 1 down to 0.01: the eighth below the top is 0.1.
    expect(lines[9]).toMatch(/^ *0\.1 ┤/);
  });
});

describe("the page of a trial", () => {
  const screenOf = (trial: number, rows = 30) =>
    trialScreen(
      watchedTrial(MADE.study, trial, eventsOf(trial)),
      { ...FIRST_STATE, page: "trial", selected: trial },
      { ...SETTINGS, rows },
    );

  it("says why, with its place among the others, params, and what the program printed last", () => {
    const text = plain(screenOf(4).lines).join("\n");
    expect(text).toMatch(/^trial 4 {2}failed/);
    expect(text).toContain("PROGRAM_FAILED exit code 1");
    expect(text).toContain("| out of memory");
    expect(plain(screenOf(0).lines)[0]).toBe("trial 0  complete  rank 1 of 5");
  });

  it("shows decisions with reasons, numbers and neighbours, and draws the curves", () => {
    const decided: StudyEvent = {
      type: "decided",
      time: 1,
      trial: 2,
      attempt: 1,
      step: 2,
      action: "stop",
      explanation: {
        rule: "median",
        reason: "It is worse than most.",
        values: { rankPercentage: 12.5 },
        neighbours: [{ trial: 0, distance: 0.25, performance: 0.2 }],
      },
    };
    const trial = watchedTrial(MADE.study, 2, [...eventsOf(2), decided]);
    const page = { ...FIRST_STATE, page: "trial", selected: 2 } as const;
    for (const columns of [80, 140]) {
      const text = plain(trialScreen(trial, page, { ...SETTINGS, columns, rows: 60 }).lines).join("\n");
      for (const part of ["step 2: stop (median)", "It is worse than most.", "rank percentage 12.5"])
        expect(text).toContain(part);
      expect(text).toMatch(/0 +0\.25 +0\.2 {2}complete/);
      expect(text).toContain("trial 0 ended at loss 0.2");
      expect(text).toMatch(/[\u2801-\u28ff]/);
    }
  });

  it("scrolls to its end, and no further", () => {
    const { hidden, lines } = screenOf(4, 6);
    expect(hidden).toBeGreaterThan(0);
    const last = (scroll: number): string[] =>
      plain(
        trialScreen(
          watchedTrial(MADE.study, 4, eventsOf(4)),
          { ...FIRST_STATE, page: "trial", selected: 4, scroll },
          { ...SETTINGS, rows: 6 },
        ).lines,
      );
    expect(last(hidden)).toEqual(last(hidden + 100));
    expect(last(hidden).join("\n")).toContain("out of memory");
    expect(plain(lines).join("\n")).not.toContain("out of memory");
  });
});

describe("workers", () => {
  it("are counted where they do not fit", () => {
    const workers = Array.from({ length: 30 }, (_, place) => ({
      name: `worker-${place}`,
      trial: place,
      step: 1,
    }));
    const lines = plain(workerLines({ ...MODEL, workers }, { columns: 80, rows: 2 }));
    expect(lines.length).toBe(2);
    const shown = lines.join(" ").match(/worker-\d+:/g)?.length ?? 0;
    expect(lines[1]).toMatch(new RegExp(`${30 - shown} more$`));
  });
});

describe("a snapshot", () => {
  it("has all sections, and says where the other trials are", () => {
    const made = handMadeStudy(Array.from({ length: 30 }, (_, place) => ({ loss: [place + 1] })));
    const text = plain(snapshotLines(modelOf(made), { columns: 80, isUnicode: true })).join("\n");
    expect(text).toContain("and 10 more: curvewise trials by hand");
    expect(text).toContain("trial 29 is complete");
    expect(text).toContain("best 1 (trial 0)");
  });
});
