import { describe, expect, it } from "vitest";
import { choice, fixed, float, int } from "../core/param.js";
import { fits, parseFormat } from "./value-format.js";

const write = (format: string, value: Parameters<NonNullable<ReturnType<typeof parseFormat>>["write"]>[0]) =>
  parseFormat(format)?.write(value, "amp");

describe("parseFormat", () => {
  // What `format(value, spec)` of Python 3.11 gives.
  it.each([
    [1e-7, ".6g", "1e-07"],
    [1e-7, ".2e", "1.00e-07"],
    [0.001, "g", "0.001"],
    [0.001, "012.4f", "0000000.0010"],
    [0.00012345678, ".3f", "0.000"],
    [0.00012345678, ".10g", "0.00012345678"],
    [123456789, "012.4f", "123456789.0000"],
    [123456789, ".6g", "1.23457e+08"],
    [1, ".1g", "1"],
    [1, "e", "1.000000e+00"],
    [5e-324, "g", "4.94066e-324"],
    [1.7976931348623157e308, ".1g", "2e+308"],
    [1234567, "g", "1.23457e+06"],
    [100000, "g", "100000"],
    [100000, ".1g", "1e+05"],
    [999999.5, ".2e", "1.00e+06"],
    [999999.5, ".6g", "1e+06"],
    [1e16, "012.4f", "10000000000000000.0000"],
    [0.0001, ".1g", "0.0001"],
    [0.00001, ".10g", "1e-05"],
    [-0.000123456, "012.4f", "-000000.0001"],
    [-0.000123456, "e", "-1.234560e-04"],
    [-42, ".1g", "-4e+01"],
    [24580338977.940384, ".1g", "2e+10"],
    [-2829289764.882095, ".10g", "-2829289765"],
    [3040.6339350827016, ".10g", "3040.633935"],
    [0, "g", "0"],
    [0, ".2e", "0.00e+00"],
    [7, "05d", "00007"],
    [-7, "05d", "-0007"],
    [7, "d", "7"],
  ])("writes %d as %s as Python does", (value, format, expected) => {
    expect(write(format, value)).toBe(expected);
  });
  it("writes real numbers with a point, and whole ones without", () => {
    expect([1, 0.5, 1e-7, -3, 1e21].map((value) => write("float", value))).toEqual([
      "1.0",
      "0.5",
      "1e-7",
      "-3.0",
      "1e+21",
    ]);
    expect([63.6, -0.4, 1e21].map((value) => write("int", value))).toEqual([
      "64",
      "0",
      "1000000000000000000000",
    ]);
  });
  it("writes flags by the placeholder's name", () => {
    expect(write("flag", true)).toBe("--amp");
    expect(write("flag", false)).toBeUndefined();
  });
  it("writes literals of JSON and Python", () => {
    const value = { a: [1, null, true], "b'": 'x"\n' };
    expect(JSON.parse(write("json", value) ?? "")).toEqual(value);
    expect(write("json", "adam")).toBe('"adam"');
    expect(write("python", value)).toBe(String.raw`{"a": [1, None, True], "b'": "x\"\n"}`);
    expect(write("python", false)).toBe("False");
  });
  it.each(["", "6g", ".6", ".6d", "x", "flags", ".6G", " g", "00d", "constructor"])(
    "knows no %j",
    (format) => {
      expect(parseFormat(format)).toBeUndefined();
    },
  );
});

describe("fits", () => {
  const fitting = (format: string, param: Parameters<typeof fits>[1]) => {
    const parsed = parseFormat(format);
    return parsed !== undefined && fits(parsed, param);
  };
  it("wants every value of the param", () => {
    expect(fitting("d", int(1, 9))).toBe(true);
    expect(fitting("d", float(1, 9))).toBe(false);
    expect(fitting("d", choice([16, 32]))).toBe(true);
    expect(fitting(".3f", choice([16, "auto"]))).toBe(false);
    expect(fitting("flag", choice([true, false]))).toBe(true);
    expect(fitting("flag", choice([true, "auto"]))).toBe(false);
    expect(fitting("float", fixed(3))).toBe(true);
    expect(fitting("python", fixed("x"))).toBe(true);
    expect(fitting("flag", int(0, 1))).toBe(false);
  });
});
