import { describe, expect, it } from "vitest";
import { isRemote } from "./remote-study.js";

describe("the options that name a coordinator", () => {
  it.each([
    [{}, false],
    [{ coordinator: "http://login1:8470" }, true],
    [{ rendezvous: "files/study" }, true],
    [{ coordinator: "https://login1:8470", tokenFile: "token", tlsCa: "ca.pem" }, true],
  ])("may say where it is, or nothing: %j", (options, expected) => {
    expect(isRemote(options)).toBe(expected);
  });

  it.each([
    [{ coordinator: "http://login1:8470", rendezvous: "files/study" }, "both say where the coordinator is"],
    [{ tokenFile: "token" }, "--token-file is about a coordinator, but none is named"],
    [{ tlsCa: "ca.pem" }, "--tls-ca is about a coordinator, but none is named"],
  ])("may not contradict each other: %j", (options, message) => {
    expect(() => isRemote(options)).toThrow(message);
  });
});
