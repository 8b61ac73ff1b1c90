import { readFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Assignment, ReportAnswer } from "../core/launcher.js";
import {
  coordinatorMessageSchema,
  innerPath,
  workerMessageSchema,
  workerProtocolSchema,
} from "./messages.js";
import {
  answerFromWire,
  answerToWire,
  assignmentFromWire,
  assignmentToWire,
  failureToWire,
  metricsFromWire,
  metricsToWire,
} from "./wire.js";

const throughJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));
const params = fc.dictionary(
  fc.string({ minLength: 1 }).filter((name) => name !== "__proto__"),
  fc.oneof(fc.string(), fc.integer(), fc.boolean()),
);
const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
const resume = fc.record({
  step: fc.integer({ min: 1 }),
  path: name.map((part) => `/shared/s/trial-1/${part}`),
});
const moved = (path: string): string => path.replace(/^\/shared\/s/, "/mnt/s");

describe("the worker protocol", () => {
  it("has a schema that is the one in protocol/, which protocol/write-schema.js writes", async () => {
    const text = await readFile(
      new URL("../../protocol/worker-protocol.schema.json", import.meta.url),
      "utf8",
    );
    expect(JSON.parse(text)).toEqual(workerProtocolSchema());
  });

  it("has a schema that takes what the code takes", () => {
    const schema = workerProtocolSchema();
    const validate = new Ajv2020({ strict: false }).compile(schema);
    for (const message of [
      { id: 1, type: "heartbeat" },
      {
        id: 2,
        type: "report",
        trial: 0,
        attempt: 1,
        sequence: 1,
        step: 3,
        metrics: { loss: "NaN", acc: 0.5 },
      },
      {
        to: 2,
        type: "action",
        answer: { action: "exploit", params: { lr: 1 }, resume: { step: 3, path: "t/s" } },
      },
      { type: "stop", trial: 0, attempt: 1 },
    ]) {
      expect(validate(message), JSON.stringify(validate.errors)).toBe(true);
    }
    for (const message of [
      {},
      { id: 1, type: "else" },
      { id: 2, type: "report", trial: 0, attempt: 1, sequence: 1, step: 3, metrics: {} },
      { id: 3, type: "snapshot", trial: 0, attempt: 1, sequence: 1, step: 3, path: "../out" },
      { to: 2, type: "action", answer: { action: "exploit" } },
    ]) {
      expect(validate(message)).toBe(false);
    }
  });

  it("carries assignments to hosts where the folder has another path", () => {
    fc.assert(
      fc.property(
        fc.record({
          params,
          seed: fc.nat(),
          maxSteps: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
          resume: fc.option(resume, { nil: undefined }),
          timeout: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
        }),
        (given) => {
          const assignment: Assignment = {
            study: "s",
            trial: 1,
            attempt: 2,
            folder: "/shared/s/trial-1",
            ...given,
          };
          const wire = throughJson(assignmentToWire(assignment, "/shared/s"));
          const message = coordinatorMessageSchema.parse({ to: 1, type: "assignment", assignment: wire });
          expect(message).toEqual({ to: 1, type: "assignment", assignment: wire });
          expect(assignmentFromWire(wire, "s", "/mnt/s")).toEqual({
            ...assignment,
            folder: "/mnt/s/trial-1",
            resume: given.resume && { ...given.resume, path: moved(given.resume.path) },
          });
        },
      ),
    );
  });

  it("carries every answer to a report", () => {
    const answer = fc.oneof(
      fc.constantFrom<ReportAnswer>("continue", "pause", "stop"),
      fc.record({ action: fc.constant("exploit" as const), params, resume }),
    );
    fc.assert(
      fc.property(answer, (given) => {
        const wire = throughJson(answerToWire(given, "/shared/s"));
        coordinatorMessageSchema.parse({ to: 1, type: "action", answer: wire });
        const expected =
          typeof given === "string"
            ? given
            : { ...given, resume: { ...given.resume, path: moved(given.resume.path) } };
        expect(answerFromWire(wire, "/mnt/s")).toEqual(expected);
      }),
    );
  });

  it("carries every number as a metric", () => {
    fc.assert(
      fc.property(fc.dictionary(name, fc.double(), { minKeys: 1, maxKeys: 9 }), (metrics) => {
        const wire = throughJson(metricsToWire(metrics));
        workerMessageSchema.parse({
          id: 1,
          type: "report",
          trial: 0,
          attempt: 1,
          sequence: 1,
          step: 1,
          metrics: wire,
        });
        const back = metricsFromWire(wire);
        for (const [key, value] of Object.entries(metrics)) expect(back[key]).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it("makes every failure fit", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.option(fc.string(), { nil: undefined }),
        (code, message, hint) => {
          const failure = failureToWire({
            code,
            message: message.repeat(3000),
            ...(hint === undefined ? {} : { hint }),
          });
          const end = { kind: "failed", error: failure, output: [] };
          expect(
            workerMessageSchema.safeParse({ id: 1, type: "end", trial: 0, attempt: 1, sequence: 1, end })
              .success,
          ).toBe(true);
        },
      ),
    );
  });

  it("takes paths inside the study's folder alone", () => {
    for (const path of ["s", "trial-1/s.bin", "a/b/c", "..a/b", "a..", "a/..b", "ünï/côdé"]) {
      expect(innerPath.safeParse(path).success, path).toBe(true);
    }
    for (const path of [
      "",
      "/",
      "/a",
      "..",
      "../a",
      "a/..",
      "a/../b",
      "a/b/../../..",
      "a\0b",
      "a\nb",
      "x".repeat(5000),
    ]) {
      expect(innerPath.safeParse(path).success, path).toBe(false);
    }
  });
});
