import { readFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignmentIn, attemptEnd, reportAnswerIn } from "../../tests/support/arbitrary-attempt.js";
import { program } from "../../tests/support/arbitrary-definition.js";
import { workerPlace } from "../../tests/support/arbitrary-event.js";
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
  endFromWire,
  endToWire,
  failureToWire,
  metricsFromWire,
  metricsToWire,
} from "./wire.js";

const throughJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));
const moved = <Path extends { readonly path: string }>(resume: Path): Path => ({
  ...resume,
  path: resume.path.replace(/^\/shared\/s/, "/mnt/s"),
});

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

  it("carries assignments, with all their fields, to hosts where the folder has another path", () => {
    fc.assert(
      fc.property(assignmentIn("/shared/s"), (assignment) => {
        const wire = throughJson(assignmentToWire(assignment, "/shared/s"));
        const message = coordinatorMessageSchema.parse({ to: 1, type: "assignment", assignment: wire });
        expect(message).toEqual({ to: 1, type: "assignment", assignment: wire });
        expect(assignmentFromWire(wire, assignment.study, "/mnt/s")).toEqual({
          ...assignment,
          folder: assignment.folder.replace("/shared/", "/mnt/"),
          resume: assignment.resume && moved(assignment.resume),
        });
      }),
    );
  });

  it("carries every answer to a report", () => {
    fc.assert(
      fc.property(reportAnswerIn("/shared/s"), (given) => {
        const wire = throughJson(answerToWire(given, "/shared/s"));
        const message = coordinatorMessageSchema.parse({ to: 1, type: "action", answer: wire });
        expect(message).toEqual({ to: 1, type: "action", answer: wire });
        const expected = typeof given === "string" ? given : { ...given, resume: moved(given.resume) };
        expect(answerFromWire(wire, "/mnt/s")).toEqual(expected);
      }),
    );
  });

  it("carries every end of an attempt", () => {
    fc.assert(
      fc.property(attemptEnd, (given) => {
        const end = throughJson(endToWire(given));
        const sent = { id: 1, type: "end", trial: 0, attempt: 1, sequence: 1, end };
        const message = workerMessageSchema.parse(sent);
        expect(message).toEqual(sent);
        expect(endFromWire(end)).toEqual(given);
      }),
    );
  });

  it("carries programs, and what workers say of themselves", () => {
    fc.assert(
      fc.property(program, fc.record(workerPlace), (given, worker) => {
        const welcome = {
          to: 1,
          type: "welcome",
          coordinator: "c",
          study: "s",
          lease: 30,
          folder: "/shared/s",
          program: throughJson(given),
          over: [],
        };
        expect(coordinatorMessageSchema.parse(welcome)).toEqual({ ...welcome, program: given });
        const hello = { id: 1, type: "hello", protocol: 1, ...throughJson(worker), attempts: [] };
        expect(workerMessageSchema.parse(hello)).toEqual({ ...hello, ...worker });
      }),
    );
  });

  it("carries every number as a metric", () => {
    // That name is refused before a message is read.
    const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/).filter((drawn) => drawn !== "__proto__");
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
