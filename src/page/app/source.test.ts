import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { partOf, pathOf } from "../../views/answer-path.js";
import { createEmbeddedSource } from "./embedded-source.js";
import { createHttpSource } from "./http-source.js";
import { type Source } from "./source.js";
import { splitToken } from "./token.js";

describe("paths", () => {
  it("escape names, and leave out what is not given", () => {
    const path = pathOf(["studies", "a/b ?", "plots", "slice"], { metric: undefined, params: ["x,y", "ä"] });
    expect(path).toBe("studies/a%2Fb%20%3F/plots/slice?params=x%2Cy&params=%C3%A4");
    expect(pathOf(["studies"], { params: [], filter: "" })).toBe("studies");
    expect(pathOf(["a"], { since: 0 })).toBe("a?since=0");
  });

  it("lead where they say for any name of a study", () => {
    const names = [".", "..", "=..", "==.", "...", "a..b", "%2e%2e", "a/../b", "a?b#c", "100 %", "\u{1f300}"];
    for (const name of names) {
      const { pathname } = new URL(pathOf(["studies", name, "trials"]), "http://localhost/api/");
      const [, , , part = ""] = pathname.split("/");
      expect([name, pathname.split("/").length, partOf(decodeURIComponent(part))]).toEqual([name, 5, name]);
    }
  });
});

describe("a token", () => {
  it.each([
    ["#token=s3cret", { token: "s3cret", rest: "" }],
    ["#token=a%2Bb&/studies/x", { token: "a+b", rest: "#/studies/x" }],
    ["#/studies", { rest: "#/studies" }],
    ["", { rest: "" }],
  ])("is taken out of %s", (fragment, parts) => {
    expect(splitToken(fragment)).toEqual(parts);
  });
});

describe("answers in the page itself", () => {
  it("are found by path, and bytes decoded", async () => {
    const bytes = Uint8Array.from([0, 1, 128, 255]);
    const source = createEmbeddedSource(
      JSON.stringify({ studies: { studies: [] }, curves: Buffer.from(bytes).toString("base64") }),
    );
    expect(await source.json("studies")).toEqual({ studies: [] });
    expect(new Uint8Array(await source.bytes("curves"))).toEqual(bytes);
    expect([source.has("studies"), source.has("toString")]).toEqual([true, false]);
    await expect(source.json("elsewhere")).rejects.toMatchObject({ code: "NOT_IN_REPORT" });
    await expect(source.send("a", { kind: "pause" })).rejects.toMatchObject({ code: "NOT_LIVE" });
  });
});

describe("answers of a server", () => {
  let server: Server | undefined;
  let refusals = 0;

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
    refusals = 0;
  });

  async function sourceOf(
    handle: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<Source> {
    const started = createServer(handle);
    server = started;
    await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
    const address = started.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    return createHttpSource({
      base: `http://127.0.0.1:${address.port}/api/`,
      token: { get: () => "s3cret" },
      onRefused: () => {
        refusals += 1;
      },
    });
  }

  const reply = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  };

  it("are asked for with the token", async () => {
    const source = await sourceOf(({ url, headers }, response) => {
      reply(response, 200, { url, token: headers.authorization });
    });
    const answer = await source.json("studies?filter=a%20b");
    expect(answer).toEqual({ url: "/api/studies?filter=a%20b", token: "Bearer s3cret" });
  });

  it("tell why there is none", async () => {
    const error = { code: "STUDY_NOT_FOUND", message: "there is no study a", hint: "There is b." };
    const source = await sourceOf((_, response) => reply(response, 404, { error }));
    await expect(source.json("studies/a")).rejects.toMatchObject(error);
    const proxy = await sourceOf((_, response) => response.writeHead(502).end("<html>"));
    await expect(proxy.json("studies")).rejects.toMatchObject({
      code: "HTTP",
      message: expect.stringContaining("502"),
    });
  });

  it("tell that the token was refused, and that nobody answers", async () => {
    const error = { code: "TOKEN_REFUSED", message: "this page needs the token", hint: null };
    const source = await sourceOf((_, response) => reply(response, 401, { error }));
    await expect(source.json("studies")).rejects.toMatchObject(error);
    expect(refusals).toBe(1);
    server?.close();
    server?.closeAllConnections();
    await expect(source.json("studies")).rejects.toMatchObject({ code: "SERVER_UNREACHABLE" });
  });

  it("tell the time by the server's clock where the reader's is wrong, also with a refusal", async () => {
    let difference = 0;
    const source = await sourceOf((_, response) => {
      response.setHeader("Date", new Date(Date.now() + difference).toUTCString());
      reply(response, difference === 0 ? 200 : 404, {});
    });
    for (const hours of [0, -5, 5]) {
      difference = 3_600_000 * hours;
      await source.json("studies").catch(() => {});
      expect(Math.round((source.now() - Date.now()) / 360_000) / 10).toBeCloseTo(hours);
    }
    expect(createEmbeddedSource("{}").now()).toBeCloseTo(Date.now(), -4);
  });

  it("come to requests", async () => {
    const source = await sourceOf((request, response) => {
      request.setEncoding("utf8");
      request.on("data", (body: string) =>
        reply(response, 200, { message: `${request.method} ${request.url} ${body}` }),
      );
    });
    const { message } = await source.send("a b", { kind: "pause", trials: [3] });
    expect(message).toBe('POST /api/studies/a%20b/requests {"kind":"pause","trials":[3]}');
  });

  it("bring changes, and those after a lost connection from where it ended", async () => {
    const asked: (string | undefined)[] = [];
    const source = await sourceOf((request, response) => {
      const last = request.headers["last-event-id"];
      asked.push(typeof last === "string" ? last : undefined);
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      const events = 7 + asked.length;
      response.write(
        `: open\n\nid: ${events}\nevent: change\ndata: {"events":${events},"state":"running"}\n\n`,
      );
      if (asked.length === 1) response.end();
    });
    const seen: number[] = [];
    const stands: boolean[] = [];
    await new Promise<void>((resolve) => {
      const end = source.live("a", {
        onChange: ({ events }) => {
          seen.push(events);
          if (seen.length < 2) return;
          end();
          resolve();
        },
        onConnection: (isConnected) => stands.push(isConnected),
      });
    });
    expect(seen).toEqual([8, 9]);
    expect(asked).toEqual([undefined, "8"]);
    expect(stands).toEqual([true, false, true]);
  });
});
