import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assignmentIn, attemptEnd, reportAnswerIn } from "../../tests/support/arbitrary-attempt.js";
import { program } from "../../tests/support/arbitrary-definition.js";
import { remoteLauncher } from "../../tests/support/remote-launcher.js";
import type { Assignment, AttemptEnd, ReportAnswer } from "../core/launcher.js";
import type { ProgramDefinition } from "../core/study-definition.js";
import { recordingChannel } from "../testing/recording-channel.js";

/** What a worker's launcher got. */
interface Seen {
  readonly program: ProgramDefinition;
  readonly assignment: Assignment;
  readonly answer: ReportAnswer;
}

describe("a worker on a socket", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "remote-fields-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("gets the program, each attempt and each answer whole, and hands each end on whole", async () => {
    const attempt = fc.tuple(assignmentIn(folder), reportAnswerIn(folder), attemptEnd);
    await fc.assert(
      fc.asyncProperty(
        program,
        fc.array(attempt, { minLength: 1, maxLength: 5 }),
        async (given, attempts) => {
          const seen: Seen[] = [];
          const ends = attempts.map(([, , end]) => end);
          const launcher = await remoteLauncher({
            folder,
            program: given,
            slots: 1,
            makeLauncher: (received, slots) => ({
              name: "seeing",
              slots,
              run: async (assignment, channel): Promise<AttemptEnd> => {
                const answer = await channel.report(1, { loss: 1 }, true);
                seen.push({ program: received, assignment, answer });
                return ends.shift() ?? { kind: "ended" };
              },
              close: async () => {},
            }),
          });
          try {
            for (const [index, [made, decided, end]] of attempts.entries()) {
              // The study is the one that the worker has joined; trial and attempt numbers tell attempts
              // apart.
              const assignment = { ...made, study: "contract", attempt: index + 1 };
              const channel = recordingChannel({ folder, decide: () => decided });
              const ended = await launcher.run(assignment, channel, 0, new AbortController().signal);
              expect(ended).toEqual(end);
              expect(seen[index]).toEqual({ program: given, assignment, answer: decided });
            }
          } finally {
            await launcher.close();
          }
        },
      ),
      { numRuns: 10 },
    );
  });
});
