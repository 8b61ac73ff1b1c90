import { describe, expect, it } from "vitest";
import { createAccess, isLoopback, isOurs } from "./access.js";

const NAMES = new Set(["127.0.0.1", "node7.cluster"]);

describe("who may do what", () => {
  const tokens = { act: "a-token-to-act-with", read: "a-token-to-read-with" };

  it("lets everyone on this machine read, and acts only with the token", () => {
    const accessOf = createAccess(tokens, true);
    expect(accessOf()).toBe("read");
    expect(accessOf("Bearer nonsense")).toBe("read");
    expect(accessOf(`Bearer ${tokens.read}`)).toBe("read");
    expect(accessOf(`Bearer ${tokens.act}`)).toBe("act");
  });

  it("lets nobody read over the network without a token", () => {
    const accessOf = createAccess(tokens, false);
    expect(accessOf()).toBe("none");
    expect(accessOf("Bearer nonsense")).toBe("none");
    expect(accessOf(`Bearer ${tokens.read}`)).toBe("read");
    expect(accessOf(`Bearer ${tokens.act}`)).toBe("act");
  });
});

describe("a request to this server", () => {
  it.each([
    ["127.0.0.1:8480", undefined],
    ["localhost:8480", "http://localhost:8480"],
    ["[::1]:8480", "http://[::1]:8480"],
    ["NODE7.cluster:8480", "http://node7.cluster:8480"],
  ])("is one for %s from %s", (host, origin) => {
    expect(isOurs({ host, origin }, NAMES)).toBe(true);
  });

  it.each([
    ["evil.example:8480", undefined],
    ["127.0.0.1.evil.example", undefined],
    [undefined, undefined],
    ["localhost:8480", "http://evil.example"],
    ["localhost:8480", "http://localhost:9999"],
    ["localhost:8480", "null"],
    ["localhost:8480/x", undefined],
    ["a@localhost", undefined],
  ])("is not one for %s from %s", (host, origin) => {
    expect(isOurs({ host, origin }, NAMES)).toBe(false);
  });
});

it.each([
  ["127.0.0.1", true],
  ["127.8.0.1", true],
  ["localhost", true],
  ["::1", true],
  ["0.0.0.0", false],
  ["10.0.0.1", false],
  ["127.evil.example", false],
])("%s is a loopback address: %s", (host, is) => {
  expect(isLoopback(host)).toBe(is);
});
