/**
 * Opens the dashboard's page in a real Chromium, as a report: with all answers in itself and without a network. The
 * browser is CHROMIUM_PATH or /usr/bin/chromium. Pictures of every view are left in the folder that this file names.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ANSWERS, HOSTILE, STUDY, TRIALS } from "./page-fixtures.js";

const built = join(import.meta.dirname, "..", "..", "dist", "page");
const pictures = join(tmpdir(), "curvewise-page-pictures");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const at = `#/studies/${encodeURIComponent(STUDY)}`;
let folder = "";
let address = "";
let browser: Browser;

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** A report: the page's files and all answers in one document, which may neither ask nor run anything else. */
function reportOf(answers: unknown): string {
  const script = readFileSync(join(built, "page.js"), "utf8");
  const style = readFileSync(join(built, "page.css"), "utf8");
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data: blob:`;
  const data = JSON.stringify(answers).replaceAll("<", "\\u003c");
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Report</title>',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">',
    `<style>${style}</style></head><body><div id="page"></div>`,
    `<script type="application/json" id="data">${data}</script><script>${script}</script></body></html>`,
  ].join("");
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-page-"));
  mkdirSync(pictures, { recursive: true });
  const file = join(folder, "page.html");
  writeFileSync(file, reportOf(ANSWERS));
  address = pathToFileURL(file).href;
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
});

afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Opening {
  readonly scheme?: "light" | "dark";
  readonly width?: number;
}

/** An open page; closing it fails if it complained, asked for anything or opened a dialog of the browser. */
async function open(fragment: string, { scheme = "light", width = 1280 }: Opening = {}) {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height: 900 },
    offline: true,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) problems.push(`request: ${request.url()}`);
  });
  await page.goto(address + fragment);
  await settled(page);
  const close = async (): Promise<void> => {
    expect(await page.locator("img").count()).toBe(0);
    await context.close();
    expect(problems).toEqual([]);
  };
  return { page, close };
}

/** Until nothing is awaited. */
async function settled(page: Page): Promise<void> {
  await page.locator("main h1").waitFor();
  await expect.poll(() => page.locator(".loading").count()).toBe(0);
}

/** What axe-core, which knows the rules of WCAG, finds wrong with the page. */
async function flaws(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found: { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] } =
    await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

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
  ["compare", "#/compare?studies=resnet,population", "Comparison"],
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

  it("shows names as they are, never as elements", async () => {
    const { page, close } = await open(`${at}/overview`);
    expect(await page.locator("h1").textContent()).toBe(STUDY);
    expect(await page.locator(".params dt").last().textContent()).toBe(HOSTILE);
    await close();
  });
});
