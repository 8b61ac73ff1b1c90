/**
 * Opens the dashboard's page in a real Chromium, as a report: with all answers in itself and without a network. The
 * browser is CHROMIUM_PATH or /usr/bin/chromium. Pictures of every view are left in the folder that this file names.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flaws, type Opening, openPage, settled, useBrowser } from "./offline-page.js";
import { ANSWERS, HOSTILE, STUDY, TRIALS } from "./page-fixtures.js";

const built = join(import.meta.dirname, "..", "..", "dist", "page");
const pictures = join(tmpdir(), "curvewise-page-pictures");
const at = `#/studies/${encodeURIComponent(STUDY)}`;
let folder = "";
let address = "";

useBrowser();

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** A report: the page's files and all answers in one document, which may neither ask nor run anything else. */
function reportOf(answers: unknown, isPacked: boolean): string {
  const script = readFileSync(join(built, "page.js"), "utf8");
  const style = readFileSync(join(built, "page.css"), "utf8");
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data: blob:`;
  const json = JSON.stringify(answers).replaceAll("<", "\\u003c");
  const data = isPacked
    ? `<script type="application/gzip" id="data">${gzipSync(json).toString("base64")}</script>`
    : `<script type="application/json" id="data">${json}</script>`;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Report</title>',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">',
    `<style>${style}</style></head><body><div id="page"></div>`,
    `${data}<script>${script}</script></body></html>`,
  ].join("");
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-page-"));
  mkdirSync(pictures, { recursive: true });
  const file = join(folder, "page.html");
  writeFileSync(file, reportOf(ANSWERS, true));
  address = pathToFileURL(file).href;
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a place of the report. */
const open = (fragment: string, opening: Opening = {}, file = address) => openPage(file + fragment, opening);

const VIEWS = [
  ["studies", "#/studies", "Studies"],
  ["overview", `${at}/overview`, "Best trial"],
  ["curves", `${at}/curves`, "120 curves"],
  ["trials", `${at}/trials`, `${TRIALS} trials`],
  ["rungs", `${at}/rungs`, "111 were trained"],
  ["params", `${at}/params`, "Importance"],
  ["goals", `${at}/goals`, "Pareto"],
  ["population", `${at}/population`, "Lineage"],
  ["workers", `${at}/workers`, "Workers over time"],
  ["what-if", `${at}/what-if`, "as forecast"],
  ["trial", `${at}/trials/42`, "It was stopped at step 27."],
  ["failed", `${at}/trials/44`, "exit code 1"],
  ["compare", "#/compare?studies=resnet&studies=population", "Comparison"],
  ["empty", "#/studies/empty", "It takes"],
] as const;

describe("the page in Chromium", () => {
  it.each(VIEWS)(
    "shows %s in both themes, at any width, without a flaw that axe knows",
    async (name, fragment, text) => {
      for (const scheme of ["light", "dark"] as const) {
        const { page, close } = await open(fragment, { scheme });
        expect(await page.locator("main").textContent()).toMatch(new RegExp(text, "i"));
        expect(await flaws(page)).toEqual([]);
        await page.screenshot({ path: join(pictures, `${name}-${scheme}.png`), fullPage: true });
        await page.setViewportSize({ width: 390, height: 844 });
        // Plots follow the width with the next picture.
        await expect.poll(() => page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
        if (scheme === "light")
          await page.screenshot({ path: join(pictures, `${name}-phone.png`), fullPage: true });
        await close();
      }
    },
  );

  it("reads answers that are not compressed, too", async () => {
    const file = join(folder, "plain.html");
    writeFileSync(file, reportOf(ANSWERS, false));
    const { page, close } = await open(`${at}/rungs`, {}, pathToFileURL(file).href);
    expect(await page.locator(".ladder tbody tr").count()).toBe(4);
    await close();
  });

  it("shows names as they are, never as elements", async () => {
    const { page, close } = await open(`${at}/overview`);
    expect(await page.locator("h1").textContent()).toBe(STUDY);
    expect(await page.locator(".params dt").last().textContent()).toBe(HOSTILE);
    await close();
  });

  it("is walked through with the keyboard", async () => {
    const { page, close } = await open("#/studies");
    const heading = (text: string) => page.locator("main h1, main h2", { hasText: text }).first().waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className")).toBe("skip");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
    await page.keyboard.press("/");
    await page.keyboard.type("resn");
    await expect.poll(() => page.locator(".studies tbody tr").count()).toBe(1);
    await page.keyboard.press("Escape");
    await page.goto(`${address}${at}/overview`);
    await heading("Best trial");
    for (const [letter, text] of [
      ["r", "Rungs"],
      ["w", "Workers over time"],
      ["p", "Parallel coordinates"],
      ["i", "What if another"],
      ["t", STUDY],
    ] as const) {
      await page.keyboard.press("g");
      await page.keyboard.press(letter);
      await heading(text);
    }
    await page.locator(".virtual tbody a").first().waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    await page.keyboard.press("/");
    await page.keyboard.type("adam ada-2 stopped");
    await page.keyboard.press("Escape");
    // Every eighth trial, of which 42 is one.
    await expect
      .poll(() => page.locator(".bar .count").textContent())
      .toBe(`${TRIALS / 8} of ${TRIALS} trials`);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("x");
    expect(await page.locator(".virtual tbody input:checked").count()).toBe(1);
    const active = await page.locator(".virtual tr.active a").textContent();
    await page.keyboard.press("Enter");
    await heading(`Trial ${active}`);
    await page.goto(`${address}${at}/trials/42`);
    await heading("Trial 42");
    await page.keyboard.press("j");
    // By number, though the table lists others.
    await heading("Trial 43");
    await page.keyboard.press("k");
    await heading("Trial 42");
    await close();
  });

  it("has only the rows in view, of thousands, in order and by what is searched", async () => {
    const { page, close } = await open(`${at}/trials`);
    const rows = page.locator(".virtual tbody tr:not(.gap)");
    const numbers = async (): Promise<number[]> =>
      (await page.locator(".virtual tbody td a").allTextContents()).map(Number);
    expect(await rows.count()).toBeLessThan(70);
    expect((await numbers())[0]).toBe(TRIALS - 1);
    const height = await page
      .locator(".virtual table")
      .evaluate((element) => element.getBoundingClientRect().height);
    expect(height).toBe(30 * (TRIALS + 1));
    await page.locator(".virtual").evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await expect.poll(async () => (await numbers()).at(-1)).toBe(0);
    expect(await rows.last().getAttribute("aria-rowindex")).toBe(String(TRIALS + 1));
    const heading = page.locator("th", { has: page.getByRole("button", { name: "value" }) });
    await heading.getByRole("button").click();
    expect(await heading.getAttribute("aria-sort")).toBe("ascending");
    await page.locator(".virtual").evaluate((element) => {
      element.scrollTop = 0;
    });
    const values = page.locator(".virtual tbody tr:not(.gap) td:nth-child(4)");
    await expect.poll(() => values.first().textContent()).toBe("0.12");
    const shown = (await values.allTextContents()).map(Number);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    await page.getByRole("group", { name: "States" }).getByLabel("complete").uncheck();
    await page.getByRole("searchbox").fill("ada-3");
    // Of four workers' trials, one worker's; of these, every other is complete.
    await expect
      .poll(() => page.locator(".bar .count").textContent())
      .toBe(`${TRIALS / 8} of ${TRIALS} trials`);
    await close();
  });

  it("keeps the columns that were chosen, and writes what is shown as a file", async () => {
    const { page, close } = await open(`${at}/trials`);
    await page.getByText("Columns", { exact: true }).click();
    await page.locator(".menu-body").getByLabel("seconds").uncheck();
    await page.reload();
    await settled(page);
    const headings = await page.locator(".virtual thead button").allTextContents();
    expect(headings.map((text) => text.replace(/ [↓↑]/, ""))).toEqual([
      "trial",
      "state",
      "value",
      "step",
      "sampler",
      "worker",
      "rate",
      "width",
      HOSTILE,
    ]);
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export CSV" }).click(),
    ]);
    const [first, second, ...rest] = readFileSync(await file.path(), "utf8")
      .trimEnd()
      .split("\r\n");
    expect(first).toBe(`trial,state,value,step,sampler,worker,rate,width,${HOSTILE}`);
    expect(second).toMatch(/^2999,stopped,/);
    expect(rest).toHaveLength(TRIALS - 1);
    await close();
  });

  it("shows one decision after the other, with its curves as picture, table and file", async () => {
    const { page, close } = await open(`${at}/trials/42`);
    const verdict = page.locator(".verdict .action");
    expect(await verdict.textContent()).toBe("stop at step 27");
    await page.getByRole("slider", { name: "Decision" }).focus();
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => verdict.textContent()).toBe("resume at step 16");
    // Nothing was compared then, so the trial's own curve is there instead.
    await page.getByRole("heading", { name: "Curve of loss" }).waitFor();
    await page.getByRole("button", { name: "Earlier decision" }).click();
    await expect.poll(() => verdict.textContent()).toBe("continue at step 8");
    expect(await page.getByRole("button", { name: "Earlier decision" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Table" }).click();
    expect(await page.locator(".twin tbody tr").count()).toBe(24);
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "as SVG" }).click(),
    ]);
    expect(readFileSync(await file.path(), "utf8")).toMatch(/^<svg|^<\?xml/);
    await close();
  });

  it("asks before it stops, fills the form of a new trial in, and says what came of a request", async () => {
    const { page, close } = await open(`${at}/overview`);
    const actions = page.locator(".actions");
    await actions.getByRole("button", { name: "Stop" }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.textContent()).toContain("Stop the study?");
    expect(await flaws(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    expect(await dialog.count()).toBe(0);
    expect(await page.locator(".status").isHidden()).toBe(true);
    await actions.getByRole("button", { name: "Enqueue a trial" }).click();
    expect(await dialog.getByLabel("rate").inputValue()).toBe("0.0031");
    expect(await dialog.getByLabel(HOSTILE).inputValue()).toBe("adam");
    expect(await flaws(page)).toEqual([]);
    await page.screenshot({ path: join(pictures, "enqueue.png") });
    await dialog.getByRole("button", { name: "Enqueue" }).click();
    // A report sends nothing.
    await expect.poll(() => page.getByRole("status").last().textContent()).toContain("cannot act");
    await close();
  });

  it("is as light as was chosen, also when it is opened again", async () => {
    const { page, close } = await open(`${at}/curves`);
    const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(await paper()).toBe("rgb(246, 247, 248)");
    await page.getByRole("button", { name: "Theme: auto" }).click();
    await page.getByRole("button", { name: "Theme: light" }).click();
    expect(await paper()).toBe("rgb(16, 19, 23)");
    await page.reload();
    await settled(page);
    expect(await paper()).toBe("rgb(16, 19, 23)");
    await close();
  });

  it("shows why an answer is missing, and asks again", async () => {
    const { page, close } = await open(`${at}/trials/7`);
    expect(await page.getByRole("alert").textContent()).toContain("this report does not have it");
    expect(await flaws(page)).toEqual([]);
    await page.getByRole("button", { name: "Retry" }).click();
    await page.getByRole("alert").waitFor();
    await close();
  });

  it("has the tab of each view in sight on a phone, from the first look", async () => {
    const { page, close } = await open(`${at}/what-if`);
    const tab = page.locator(".views [aria-current=page]");
    const isInSight = async (): Promise<boolean> => {
      const box = await tab.boundingBox();
      return box !== null && box.x >= 0 && box.x + box.width <= 390;
    };
    await page.setViewportSize({ width: 390, height: 844 });
    await page.reload();
    await expect.poll(() => tab.textContent()).toBe("What if");
    await expect.poll(isInSight).toBe(true);
    for (const [view, title] of [
      ["overview", "Overview"],
      ["workers", "Workers"],
    ] as const) {
      await page.goto(`${address}${at}/${view}`);
      await expect.poll(() => tab.textContent()).toBe(title);
      await expect.poll(isInSight).toBe(true);
    }
    await close();
  });

  it("gives the fact that is left over a row of its own, with its number and sign together", async () => {
    const { page, close } = await open(`${at}/overview`);
    await page.setViewportSize({ width: 1100, height: 900 });
    const last = page.locator(".tile-facts > div").last();
    expect(await last.locator("dd").textContent()).toContain("31\u00a0%");
    // Six of seven are in the row above.
    const width = async (): Promise<number> => (await last.boundingBox())?.width ?? 0;
    await expect.poll(width).toBeGreaterThan(900);
    await close();
  });

  it("names the best trial in the legend of curves, and says how trials are picked", async () => {
    const { page, close } = await open(`${at}/curves`);
    const best = page.locator(".draw-legend button").last();
    expect(await best.textContent()).toBe("best: trial 40");
    expect(await best.getAttribute("aria-pressed")).toBe("true");
    const red = async (): Promise<boolean> => {
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "as SVG" }).click(),
      ]);
      return readFileSync(await file.path(), "utf8").includes("#d54643");
    };
    expect(await red()).toBe(true);
    await best.click();
    expect(await red()).toBe(false);
    expect(await page.getByRole("heading", { name: "Picked trials" }).count()).toBe(1);
    expect(await page.locator(".columns .empty").textContent()).toContain("set “dragging” to “picks trials”");
    await close();
  });

  it("lists the trials whose curves are picked, and opens one that is clicked", async () => {
    const { page, close } = await open(`${at}/curves`);
    await page.getByLabel("dragging").selectOption({ label: "picks trials" });
    const box = await page.locator(".draw-plot").boundingBox();
    if (box === null) throw new Error("there is no plot");
    const at2 = (x: number, y: number): [number, number] => [box.x + x * box.width, box.y + y * box.height];
    await page.mouse.move(...at2(0.7, 0.05));
    await page.mouse.down();
    await page.mouse.move(...at2(0.9, 0.5), { steps: 4 });
    await page.mouse.up();
    const list = page.getByRole("region", { name: /picked trials?$/ });
    await expect.poll(() => list.locator("tbody tr").count()).toBeGreaterThan(2);
    // Only trials that were trained to the end come that far.
    const steps = await list.locator("tbody td:nth-child(2)").allTextContents();
    expect(new Set(steps)).toEqual(new Set(["81"]));
    await page.screenshot({ path: join(pictures, "picked.png") });
    const first = list.locator("tbody a").first();
    const trial = await first.textContent();
    await first.click();
    await page.locator("h2", { hasText: `Trial ${trial}` }).waitFor();
    await close();
  });
});
