/** Pages in files, opened in a real Chromium without a network. */
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";

let browser: Browser;

/** Has the tests of a file share a browser. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu"],
    });
  });
  afterAll(() => browser.close());
}

export interface Opening {
  readonly scheme?: "light" | "dark";
  readonly width?: number;
}

/** An open page. */
export interface OpenPage {
  readonly page: Page;
  close(): Promise<void>;
}

/** Opens a file without a network; closing it fails if it complained, asked for anything or opened a dialog of the browser. */
export async function openPage(
  address: string,
  { scheme = "light", width = 1280 }: Opening = {},
): Promise<OpenPage> {
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
  await page.goto(address);
  await settled(page);
  const close = async (): Promise<void> => {
    expect(await page.locator("img").count()).toBe(0);
    await context.close();
    expect(problems).toEqual([]);
  };
  return { page, close };
}

/** Until nothing is awaited. */
export async function settled(page: Page): Promise<void> {
  await page.locator("main h1").waitFor();
  await expect.poll(() => page.locator(".loading").count()).toBe(0);
}

/** What axe-core, which knows the rules of WCAG, finds wrong with the page. */
export async function flaws(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] } =
    await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}
