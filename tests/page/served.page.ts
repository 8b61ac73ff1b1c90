/** Opens the dashboard's page as a server serves it, under its content security policy, in a real Chromium. */
import { describe, expect, it } from "vitest";
import { decodeCurves, encodeCurves } from "../../src/views/curve-columns.js";
import { STUDY } from "./page-fixtures.js";
import { at, browser, changeStudy, laterStudy, open, serve, TOKEN } from "./page-server.js";

describe("the page of a server", () => {
  it("asks for the token, keeps it, and shows it in no address", async () => {
    const served = await serve();
    const { page, problems } = await open(`${served.address}#/${at}/overview`);
    await page.getByLabel("token").fill(TOKEN);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.locator("h1", { hasText: STUDY }).waitFor();
    await page.reload();
    await page.locator("h1", { hasText: STUDY }).waitFor();
    const other = await open(`${served.address}#token=${encodeURIComponent(TOKEN)}&/${at}/rungs`);
    await other.page.locator(".ladder").waitFor();
    expect(other.page.url()).toBe(`${served.address}#/${at}/rungs`);
    await page.close();
    await other.page.close();
    expect([...problems, ...other.problems]).toEqual([]);
  });

  it("asks again when the study changed, also after the connection was lost", async () => {
    const served = await serve();
    const { page, problems } = await open(
      `${served.address}#token=${encodeURIComponent(TOKEN)}&/${at}/overview`,
    );
    const best = page.locator(".big");
    await expect.poll(() => best.textContent()).toBe("0.12346 loss");
    await expect.poll(() => served.streams.size).toBe(1);
    laterStudy(served, 0.1);
    served.change(9001);
    await expect.poll(() => best.textContent()).toBe("0.1 loss");
    expect(await page.locator(".connection").textContent()).toBe("live");
    for (const stream of served.streams) stream.end();
    served.streams.clear();
    await page.locator(".connection.off").waitFor();
    await expect.poll(() => served.streams.size, { timeout: 10_000 }).toBe(1);
    laterStudy(served, 0.09);
    served.change(9002);
    await expect.poll(() => best.textContent(), { timeout: 10_000 }).toBe("0.09 loss");
    await page.close();
    expect(problems).toEqual([]);
  });

  it("says once that nobody answers, however much it shows, and that nobody runs the study", async () => {
    const served = await serve();
    const { page } = await open(`${served.address}#token=${encodeURIComponent(TOKEN)}&/${at}/curves`);
    const problems = page.getByRole("alert");
    await page.locator(".plot .sentence").waitFor();
    await expect.poll(() => served.streams.size).toBe(1);
    expect(await page.locator(".study-head").textContent()).toContain("run by");
    await page.route("**/api/**", (route) => route.abort());
    served.change(9001, "idle");
    await expect.poll(() => problems.count()).toBe(2);
    expect(await page.locator(".study-head").textContent()).not.toContain("run by");
    for (const stream of served.streams) stream.end();
    await page.locator(".connection.off").waitFor();
    await expect.poll(() => problems.count()).toBe(1);
    expect(await page.locator(".plot .sentence").textContent()).toBe("120 curves with 675 points.");
    await page.close();
  });

  it("says that the coordinator is away, and asks nothing of it until it is back", async () => {
    const served = await serve();
    const { page, problems } = await open(
      `${served.address}#token=${encodeURIComponent(TOKEN)}&/${at}/overview`,
    );
    const head = page.locator(".study-head");
    const stop = page.locator(".actions").getByRole("button", { name: "Stop" });
    await expect.poll(() => stop.isEnabled()).toBe(true);
    await expect.poll(() => served.streams.size).toBe(1);
    changeStudy(served, { state: "away", isAway: true, holder: null });
    served.change(9001, "away");
    await expect.poll(() => head.textContent()).toContain("coordinator away");
    await expect.poll(() => stop.isEnabled()).toBe(false);
    expect(await head.textContent()).not.toContain("live");
    expect(await page.locator(".away[role=status]").textContent()).toContain("as it was last heard");
    changeStudy(served, { state: "running", isAway: false });
    served.change(9002);
    await expect.poll(() => stop.isEnabled()).toBe(true);
    expect(await page.locator(".connection").textContent()).toBe("live");
    await page.close();
    expect(problems).toEqual([]);
  });

  it("does not offer to pause or stop what has finished", async () => {
    const served = await serve();
    changeStudy(served, { state: "finished", holder: null });
    const { page, problems } = await open(
      `${served.address}#token=${encodeURIComponent(TOKEN)}&/${at}/overview`,
    );
    const buttons = page.locator(".actions").getByRole("button");
    await expect
      .poll(() => buttons.allTextContents())
      .toEqual(["Enqueue a trial", "Extend the budget", "Workers", "Note", "Tags"]);
    await page.close();
    expect(problems).toEqual([]);
  });

  it("asks only for the curves that changed", async () => {
    const served = await serve();
    const { page, problems } = await open(
      `${served.address}#token=${encodeURIComponent(TOKEN)}&/${at}/curves`,
    );
    const sentence = page.locator(".plot .sentence");
    await expect.poll(() => sentence.textContent()).toBe("120 curves with 675 points.");
    await expect.poll(() => served.streams.size).toBe(1);
    const all = served.answers.get(`${at}/curves`);
    const { events } = decodeCurves(new Uint8Array(Buffer.from(String(all), "base64")).buffer);
    const newer = encodeCurves({
      events: events + 2,
      trials: Uint32Array.from([200, 201]),
      offsets: Uint32Array.from([0, 2, 5]),
      steps: Float32Array.from([1, 2, 1, 2, 3]),
      values: Float32Array.from([1, 0.9, 1, 0.8, 0.7]),
      states: Uint8Array.from([1, 1]),
    });
    served.answers.set(`${at}/curves?since=${events}`, Buffer.from(newer).toString("base64"));
    served.change(events + 2);
    await expect.poll(() => sentence.textContent()).toBe("122 curves with 680 points.");
    expect(served.asked.filter((path) => path.includes("/curves"))).toEqual([
      `${at}/curves`,
      `${at}/curves?since=${events}`,
    ]);
    await page.close();
    expect(problems).toEqual([]);
  });

  it("shows what is wrong with a filter, and the trials for which a right one holds", async () => {
    const served = await serve();
    served.answers.set(`${at}/trials?filter=rate%20%3C%201`, { trials: [3, 5] });
    const { page, problems } = await open(
      `${served.address}#token=${encodeURIComponent(TOKEN)}&/${at}/trials`,
    );
    const search = page.getByRole("searchbox");
    await search.fill("rate <");
    await page.locator("#filter-error").waitFor();
    expect(await search.getAttribute("aria-invalid")).toBe("true");
    await search.fill("rate < 1");
    await expect.poll(() => page.locator(".bar .count").textContent()).toBe("2 of 3000 trials");
    expect(await page.locator("#filter-error").count()).toBe(0);
    await page.close();
    expect(problems).toEqual([]);
  });

  it("sends what is asked of a study, and says what came of it", async () => {
    const served = await serve();
    const { page, problems } = await open(
      `${served.address}#token=${encodeURIComponent(TOKEN)}&/${at}/overview`,
    );
    const actions = page.locator(".actions");
    const dialog = page.getByRole("dialog");
    const said = page.locator(".status");
    await actions.getByRole("button", { name: "Pause" }).click();
    await expect.poll(() => said.textContent()).toContain("within a second");
    await actions.getByRole("button", { name: "Enqueue a trial" }).click();
    await dialog.getByLabel("width").fill("");
    await dialog.getByRole("button", { name: "Enqueue" }).click();
    await actions.getByRole("button", { name: "Extend the budget" }).click();
    await dialog.getByLabel("trials").fill("6000");
    await dialog.getByRole("button", { name: "Extend" }).click();
    await actions.getByRole("button", { name: "Tags" }).click();
    await dialog.getByLabel("tags").fill("good, new");
    await dialog.getByRole("button", { name: "Keep" }).click();
    await actions.getByRole("button", { name: "Stop" }).click();
    await dialog.getByRole("button", { name: "Stop the study" }).click();
    await expect.poll(() => served.requests.length).toBe(5);
    expect(served.requests.map((request): unknown => JSON.parse(request))).toEqual([
      { kind: "pause" },
      { kind: "enqueue", params: { rate: "0.0031", "<img src=x onerror=alert(1)>": "adam" } },
      { kind: "budget", trials: 6000 },
      { kind: "tags", add: ["new"], remove: ["<img src=x onerror=alert(1)>"] },
      { kind: "stop" },
    ]);
    await page.close();
    expect(problems).toEqual([]);
  });

  it("opens the form of a new trial from a point in a plot, by pointer and by keyboard", async () => {
    const served = await serve();
    const trial = served.answers.get(`${at}/trials/42`);
    const params = [
      { name: "rate", text: "0.0012346", exact: "0.00123456789" },
      { name: "width", text: "64" },
    ];
    if (typeof trial !== "object" || trial === null) throw new Error("there is no trial");
    served.answers.set(`${at}/trials/42`, { ...trial, params });
    const points = { customdata: [41, 42], hovertemplate: "%{text}<extra></extra>" };
    const plots: Readonly<Record<string, object>> = {
      slice: {
        type: "scatter",
        name: "complete",
        mode: "markers",
        x: [0, 1],
        y: [0, 1],
        text: ["a", "b"],
        ...points,
      },
      "grid-3d": {
        type: "scatter3d",
        name: "loss",
        mode: "markers",
        x: [0, 1],
        y: [0, 1],
        z: [0, 1],
        text: ["a", "b"],
        marker: { size: 5 },
        ...points,
      },
      "parallel-coordinates": {
        type: "parcoords",
        customdata: [41, 42],
        dimensions: ["rate", "loss"].map((label) => ({
          label,
          values: [0, 1],
          range: [0, 1],
          tickvals: [0, 1],
          ticktext: ["0", "1"],
        })),
        line: {
          color: [0, 1],
          colorscale: [
            [0, "#aa0000"],
            [1, "#0000aa"],
          ],
          cmin: 0,
          cmax: 1,
          showscale: false,
        },
      },
    };
    const axes = { xaxis: { title: { text: "rate" } }, yaxis: { title: { text: "loss" } } };
    const space = {
      scene: { ...axes, zaxis: axes.yaxis, aspectmode: "cube", camera: { eye: { x: 1, y: 1, z: 1 } } },
    };
    for (const [name, trace] of Object.entries(plots))
      served.answers.set(`${at}/plots/${name}`, {
        title: name,
        sentence: "Two trials.",
        figure: { data: [trace], layout: name === "grid-3d" ? space : axes },
        needs: null,
      });
    const { page, problems } = await open(
      `${served.address}#token=${encodeURIComponent(TOKEN)}&/${at}/params`,
    );
    const picked = page.getByRole("region", { name: "Picked point" });
    const dialog = page.getByRole("dialog");
    for (const name of Object.keys(plots)) {
      const card = page.locator(`.plot-card.${name}`);
      await card.locator(".draw-plot").focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      await picked.getByRole("link", { name: "Trial 42" }).waitFor();
      await picked.getByRole("button", { name: "Enqueue one like it" }).click();
      expect(await dialog.getByLabel("rate").inputValue()).toBe("0.00123456789");
      await dialog.getByRole("button", { name: "Enqueue" }).click();
      await picked.getByRole("button", { name: "Close the picked point" }).click();
      await picked.waitFor({ state: "detached" });
    }
    await expect.poll(() => served.requests.length).toBe(3);
    expect(served.requests.map((request): unknown => JSON.parse(request))).toEqual(
      Array.from({ length: 3 }, () => ({ kind: "enqueue", params: { rate: "0.00123456789", width: "64" } })),
    );
    // The point in the upper right corner.
    const plot = page.locator(".plot-card.slice .draw-plot");
    await plot.scrollIntoViewIfNeeded();
    const ring = page.locator(".plot-card.slice .draw-ring");
    await plot.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    const place = await ring.boundingBox();
    if (place === null) throw new Error("there is no ring");
    await page.mouse.click(place.x + place.width / 2, place.y + place.height / 2);
    await picked.getByRole("link", { name: "Trial 42" }).waitFor();
    await page.close();
    expect(problems).toEqual([]);
  });

  it("lets the axes of parallel coordinates change places, by pointer and by keyboard", async () => {
    const served = await serve();
    const dimensions = ["rate", "width", "loss"].map((label) => ({
      label,
      values: [0, 1],
      range: [0, 1],
      tickvals: [0, 1],
      ticktext: ["0", "1"],
    }));
    const line = {
      color: [0, 1],
      colorscale: [
        [0, "#aa0000"],
        [1, "#0000aa"],
      ],
      cmin: 0,
      cmax: 1,
      showscale: false,
    };
    served.answers.set(`${at}/plots/parallel-coordinates`, {
      title: "Parallel coordinates",
      sentence: "Two trials.",
      figure: { data: [{ type: "parcoords", customdata: [41, 42], dimensions, line }], layout: {} },
      needs: null,
    });
    const { page, problems } = await open(
      `${served.address}#token=${encodeURIComponent(TOKEN)}&/${at}/params`,
    );
    const plot = page.locator(".plot-card.parallel-coordinates .draw-plot");
    const handles = plot.locator(".draw-axis-handle");
    const order = async (): Promise<string[]> =>
      (await handles.evaluateAll((all) => all.map((each) => each.getAttribute("aria-label") ?? ""))).map(
        (label) => label.split(":")[0] ?? "",
      );
    await expect.poll(order).toEqual(["rate", "width", "loss"]);
    await handles.first().focus();
    await page.keyboard.press("ArrowUp");
    await expect.poll(() => plot.locator(".draw-brush").count()).toBe(1);
    await page.keyboard.press("ArrowRight");
    await expect.poll(order).toEqual(["width", "rate", "loss"]);
    // The brush and the focus go with the axis.
    const focused = page.locator(".draw-axis-handle:focus");
    expect(await focused.getAttribute("aria-label")).toMatch(/^rate: /);
    expect(await focused.locator(".draw-brush").count()).toBe(1);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await expect.poll(order).toEqual(["width", "loss", "rate"]);
    const titles = plot.locator(".draw-axis-title");
    const [from, to] = [await titles.nth(2).boundingBox(), await titles.nth(0).boundingBox()];
    if (from === null || to === null) throw new Error("there is no title");
    await page.mouse.move(from.x + from.width / 2, from.y + 8);
    await page.mouse.down();
    await page.mouse.move(to.x + to.width / 2, to.y + 8, { steps: 8 });
    await page.mouse.up();
    await expect.poll(order).toEqual(["rate", "width", "loss"]);
    expect(await handles.first().locator(".draw-brush").count()).toBe(1);
    await page.close();
    expect(problems).toEqual([]);
  });

  it("zooms a plot in and out between two fingers", async () => {
    const served = await serve();
    const trace = {
      type: "scatter",
      name: "complete",
      mode: "markers",
      x: [0, 1],
      y: [0, 1],
      text: ["a", "b"],
    };
    const axes = { xaxis: { title: { text: "rate" } }, yaxis: { title: { text: "loss" } } };
    served.answers.set(`${at}/plots/slice`, {
      title: "Slice",
      sentence: "Two trials.",
      figure: { data: [trace], layout: axes },
      needs: null,
    });
    const context = await browser.newContext({ hasTouch: true });
    const page = await context.newPage();
    await page.goto(`${served.address}#token=${encodeURIComponent(TOKEN)}&/${at}/params`);
    const plot = page.locator(".plot-card.slice .draw-plot");
    await plot.scrollIntoViewIfNeeded();
    const ticks = () => plot.locator("svg").first().locator("text").allTextContents();
    await expect.poll(async () => (await ticks()).length).toBeGreaterThan(3);
    const before = await ticks();
    const box = await plot.boundingBox();
    if (box === null) throw new Error("there is no plot");
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const session = await context.newCDPSession(page);
    const touch = async (type: "touchStart" | "touchMove" | "touchEnd", gap?: number): Promise<void> => {
      const touchPoints =
        gap === undefined
          ? []
          : [
              { x: x - gap, y, id: 1 },
              { x: x + gap, y, id: 2 },
            ];
      await session.send("Input.dispatchTouchEvent", { type, touchPoints });
    };
    const pinch = async (gaps: readonly number[]): Promise<void> => {
      const [first = 0, ...others] = gaps;
      await touch("touchStart", first);
      for (const gap of others) await touch("touchMove", gap);
      await touch("touchEnd");
    };
    await pinch([20, 40, 60, 80, 100]);
    await expect.poll(ticks).not.toEqual(before);
    // What is between the fingers stays there: the middle of the axis is still seen.
    expect((await ticks()).join(" ")).toContain("0.5");
    expect(await page.evaluate("visualViewport.scale")).toBe(1);
    await pinch([100, 80, 60, 40, 20]);
    await expect.poll(ticks).toEqual(before);
    await context.close();
  });
});
