import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

/** The folder of the C++ client. */
export const CLIENT = resolve(import.meta.dirname, "../../clients/cpp");

/** The oldest language that the client is for, with warnings as errors. */
export const STRICT: readonly string[] = [
  "-std=c++11",
  "-Wall",
  "-Wextra",
  "-Wpedantic",
  "-Wshadow",
  "-Wconversion",
  "-Werror",
  `-I${CLIENT}`,
];

/** Compiles a program. */
export function compile(source: string, target: string, ...flags: readonly string[]): void {
  execFileSync(process.env["CXX"] ?? "c++", [...flags, "-pthread", "-o", target, source]);
}
