import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../tests/support/command-line.js";
import { coordinatorLocator } from "./coordinator-address.js";
import { closeRendezvous, readRendezvous, reopenRendezvous, writeRendezvous } from "./rendezvous.js";
import { createTokenCheck, ensureToken, readToken } from "./token.js";

const TOKEN = "a-token-of-some-length";

function withToken(text = `${TOKEN}\n`, mode = 0o600): string {
  const file = join(temporaryFolder(), "token");
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
  return file;
}

const place = {
  study: "s",
  url: "http://login1:8470",
  coordinator: "c1",
  tokenFile: "token",
  host: "login1",
  pid: 3,
};

describe("where a coordinator is", () => {
  it("must be said, with what opens its door", () => {
    const refusal = (given: Parameters<typeof coordinatorLocator>[0]) => () => coordinatorLocator(given);
    expect(refusal({})).toThrow(expect.objectContaining({ code: "COORDINATOR_NEEDED" }));
    expect(refusal({ url: "http://a:1" })).toThrow(expect.objectContaining({ code: "TOKEN_NEEDED" }));
    for (const url of ["ftp://a:1", "a:1", "http://a:1/path", "http://a:1/?x", "nonsense"]) {
      expect(refusal({ url, token: TOKEN }), url).toThrow(expect.objectContaining({ code: "URL_INVALID" }));
    }
  });

  it("is read from the study's folder, anew each time", async () => {
    const folder = temporaryFolder();
    const locate = coordinatorLocator({ rendezvous: folder });
    await expect(locate()).rejects.toMatchObject({ code: "RENDEZVOUS_NOT_FOUND" });
    writeFileSync(join(folder, "token"), TOKEN, { mode: 0o600 });
    const file = join(folder, "coordinator.json");
    await writeRendezvous(file, place);
    expect(await locate()).toMatchObject({ url: "http://login1:8470", token: TOKEN });
    await writeRendezvous(file, {
      ...place,
      url: "https://login2:8470",
      coordinator: "c2",
      certificate: "PEM",
    });
    expect(await locate()).toMatchObject({ url: "https://login2:8470", certificate: "PEM" });
    expect(await coordinatorLocator({ rendezvous: folder, url: "http://tunnel:1" })()).toMatchObject({
      url: "http://tunnel:1",
      token: TOKEN,
      certificate: undefined,
    });
    expect(statSync(file).mode & 0o077).toBe(0);
    writeFileSync(file, "{");
    await expect(locate()).rejects.toMatchObject({ code: "RENDEZVOUS_INVALID" });
  });

  it("is taken back only by whom it was written, and stays when the study is finished", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "coordinator.json");
    await writeRendezvous(file, place);
    await closeRendezvous(file, "another", false);
    expect((await readRendezvous(folder)).coordinator).toBe("c1");
    await closeRendezvous(file, "c1", true);
    await expect(coordinatorLocator({ rendezvous: folder })()).rejects.toMatchObject({
      code: "STUDY_FINISHED",
    });
    await reopenRendezvous(file);
    await expect(readRendezvous(folder)).rejects.toMatchObject({ code: "RENDEZVOUS_NOT_FOUND" });
    await writeRendezvous(file, place);
    await reopenRendezvous(file);
    await closeRendezvous(file, "c1", false);
    await expect(readRendezvous(folder)).rejects.toMatchObject({ code: "RENDEZVOUS_NOT_FOUND" });
  });
});

describe("the token", () => {
  it("is made once, for its owner alone, and stays the same", async () => {
    const file = join(temporaryFolder(), "deep", "token");
    const token = await ensureToken(file);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await ensureToken(file)).toBe(token);
    expect(readFileSync(file, "utf8")).toBe(`${token}\n`);
    expect(await ensureToken(join(temporaryFolder(), "token"))).not.toBe(token);
  });

  it("is refused where others may read it, where there is none, and where it is no token", async () => {
    await expect(readToken(withToken(TOKEN, 0o640))).rejects.toMatchObject({ code: "TOKEN_OPEN" });
    await expect(readToken("/nowhere/token")).rejects.toMatchObject({ code: "TOKEN_NOT_FOUND" });
    for (const text of ["", "short", "two words of a token", "x".repeat(600), "with\0zero-with\0zero"]) {
      await expect(readToken(withToken(text)), text).rejects.toMatchObject({ code: "TOKEN_INVALID" });
    }
    const folder = join(temporaryFolder(), "token");
    mkdirSync(folder);
    await expect(ensureToken(folder)).rejects.toMatchObject({ code: "TOKEN_NOT_FOUND" });
    expect(await readToken(withToken())).toBe(TOKEN);
  });

  it("opens by a bearer's header alone", () => {
    const check = createTokenCheck(TOKEN);
    expect(check(`Bearer ${TOKEN}`)).toBe(true);
    expect(check(`bearer   ${TOKEN} `)).toBe(true);
    for (const wrong of [
      undefined,
      "",
      TOKEN,
      `Basic ${TOKEN}`,
      `Bearer ${TOKEN}x`,
      "Bearer ",
      `Bearer x ${TOKEN}`,
    ]) {
      expect(check(wrong), String(wrong)).toBe(false);
    }
  });
});
