import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { assignmentIn } from "../../tests/support/arbitrary-attempt.js";
import { type EveryField, ofFields } from "../core/fields.js";
import type { Assignment } from "../core/launcher.js";
import { type EnvironmentSetup, trialEnvironment } from "./trial-environment.js";

/**
 * What the environment says about an attempt; the params are in their file, and the launcher enforces the
 * timeout.
 */
type Told = Omit<Assignment, "params" | "timeout" | "parked">;

function readBack(environment: NodeJS.ProcessEnv): Told {
  const text = (name: string): string => environment[name] ?? "";
  const number = (name: string): number | undefined =>
    environment[name] === undefined ? undefined : Number(environment[name]);
  const step = number("CURVEWISE_RESUME_STEP");
  const told: EveryField<Told> = {
    study: text("CURVEWISE_STUDY"),
    trial: Number(text("CURVEWISE_TRIAL")),
    attempt: Number(text("CURVEWISE_ATTEMPT")),
    seed: Number(text("CURVEWISE_SEED")),
    maxSteps: number("CURVEWISE_MAX_STEPS"),
    folder: text("CURVEWISE_DIR"),
    resume: step === undefined ? undefined : { step, path: text("CURVEWISE_RESUME") },
    snapshotEvery: number("CURVEWISE_SNAPSHOT_EVERY"),
  };
  return ofFields<Told>(told);
}

describe("the environment of a training program", () => {
  const setup = { program: { env: {} }, paramsFile: "/p", socket: "/s", gpus: undefined };

  it("tells all of an attempt", () => {
    fc.assert(
      fc.property(assignmentIn("/shared/s"), (assignment) => {
        const { params: _params, timeout: _timeout, parked: _parked, ...told } = assignment;
        expect(readBack(trialEnvironment(assignment, setup))).toEqual(told);
      }),
    );
  });

  it("has the ways into databases and coordinators only if the study's definition says so", () => {
    const [assignment] = fc.sample(assignmentIn("/shared/s"), { seed: 1, numRuns: 1 });
    if (assignment === undefined) throw new Error("there is no assignment");
    const secrets = { CURVEWISE_TOKEN: "t", CURVEWISE_STORAGE: "postgres://u:p@h/d", PGPASSWORD: "p" };
    for (const [name, value] of Object.entries(secrets)) vi.stubEnv(name, value);
    vi.stubEnv("OMP_NUM_THREADS", "3");
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const environment = trialEnvironment(assignment, setup);
    expect(environment["OMP_NUM_THREADS"]).toBe("3");
    for (const name of Object.keys(secrets)) expect(environment).not.toHaveProperty(name);
    const env = { PGPASSWORD: "its own" };
    expect(trialEnvironment(assignment, { ...setup, program: { env } })).toMatchObject(env);
  });

  it("keeps what is preloaded anyway, and buffers by itself only if the study says so", () => {
    const [assignment] = fc.sample(assignmentIn("/shared/s"), { seed: 1, numRuns: 1 });
    if (assignment === undefined) throw new Error("there is no assignment");
    vi.stubEnv("LD_PRELOAD", "/lib/outer.so");
    vi.stubEnv("PYTHONUNBUFFERED", undefined);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const preloaded = (program: EnvironmentSetup["program"]): string | undefined =>
      trialEnvironment(assignment, { ...setup, program })["LD_PRELOAD"];
    expect(preloaded({ env: {} })).toMatch(/^\/lib\/outer\.so(:\/.*libstdbuf\.so)?$/);
    expect(preloaded({ env: { LD_PRELOAD: "/lib/own.so" } })).toMatch(
      /^\/lib\/own\.so(:\/.*libstdbuf\.so)?$/,
    );
    expect(preloaded({ env: {}, buffering: "none-of-ours" })).toBe("/lib/outer.so");
    expect(trialEnvironment(assignment, setup)["PYTHONUNBUFFERED"]).toBe("1");
    const left = trialEnvironment(assignment, { ...setup, program: { env: {}, buffering: "none-of-ours" } });
    expect(left).not.toHaveProperty("PYTHONUNBUFFERED");
    expect(left).not.toHaveProperty("_STDBUF_O");
  });

  it("tells the attempt's own facts, whatever the study's definition says", () => {
    fc.assert(
      fc.property(assignmentIn("/shared/s"), assignmentIn("/other"), (assignment, other) => {
        const env = Object.fromEntries(
          Object.entries(trialEnvironment(other, setup)).flatMap(([name, value]) =>
            value === undefined || !name.startsWith("CURVEWISE_") ? [] : [[name, value]],
          ),
        );
        const { params: _params, timeout: _timeout, parked: _parked, ...told } = assignment;
        const environment = trialEnvironment(assignment, { ...setup, program: { env } });
        expect(readBack(environment)).toEqual(told);
      }),
    );
  });
});
