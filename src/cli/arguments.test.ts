import { describe, expect, it } from "vitest";
import { hostAndPort, seconds, workerCount } from "./arguments.js";

describe("what options say", () => {
  it.each([
    ["8470", "127.0.0.1", 8470],
    ["0", "127.0.0.1", 0],
    ["0.0.0.0:8470", "0.0.0.0", 8470],
    ["login1.example:1024", "login1.example", 1024],
    ["[::1]:80", "::1", 80],
  ])("takes %s for a host and a port", (text, host, port) => {
    expect(hostAndPort(text)).toEqual({ host, port });
  });

  it.each(["", "here", "here:", ":8470", "::1:80", "[::1]", "65536", "1e3", "-1", "a b:1:2"])(
    "refuses %j as a host and a port",
    (text) => {
      expect(() => hostAndPort(text)).toThrow("[host:]port");
    },
  );

  it("takes seconds from 1", () => {
    expect(seconds("1.5")).toBe(1.5);
    for (const text of ["0.5", "1s", "", "1e9"]) expect(() => seconds(text)).toThrow("number of seconds");
  });

  it("takes as many workers as make sense", () => {
    expect(workerCount("100000")).toBe(100_000);
    for (const text of ["100001", "1000000000"]) expect(() => workerCount(text)).toThrow("at most 100000");
    expect(() => workerCount("0")).toThrow("at least 1");
  });
});
