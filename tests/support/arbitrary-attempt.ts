import fc from "fast-check";
import type { Failure } from "../../src/core/failure.js";
import type { Assignment, AttemptEnd, ExploitAnswer, ReportAnswer } from "../../src/core/launcher.js";
import type { ParamValue } from "../../src/core/param.js";
import { anyNumber, arbitraryOf, byName, finite, positive, text, word } from "./arbitrary-fields.js";

/** A hyperparameter's value. */
export const paramValue: fc.Arbitrary<ParamValue> = fc.oneof(
  text,
  finite,
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(text, finite, fc.constant(null)), { maxLength: 3 }),
  byName(fc.oneof(text, finite, fc.array(fc.boolean(), { maxLength: 2 }))),
);
/** The params of a trial. */
export const params = byName(paramValue);
/** The metrics of a report. */
export const metrics = fc.dictionary(word, anyNumber, { minKeys: 1, maxKeys: 5, noNullPrototype: true });

/** What went wrong. */
export const failure: fc.Arbitrary<Failure> = arbitraryOf<Failure>(
  { code: fc.stringMatching(/^[A-Z][A-Z0-9_]{0,20}$/), message: text },
  { hint: text },
);

const resumeIn = (folder: string) =>
  arbitraryOf<ExploitAnswer["resume"]>({ step: positive, path: word.map((name) => `${folder}/${name}`) }, {});

/** An attempt whose trial has its own folder in this one. */
export function assignmentIn(folder: string): fc.Arbitrary<Assignment> {
  const own = word.map((name) => `${folder}/trial-${name}`);
  return own.chain((trialFolder) =>
    arbitraryOf<Assignment>(
      {
        study: word,
        trial: fc.nat(),
        attempt: positive,
        params,
        seed: fc.nat(),
        maxSteps: fc.option(positive, { nil: undefined }),
        folder: fc.constant(trialFolder),
        resume: fc.option(resumeIn(trialFolder), { nil: undefined }),
        timeout: fc.option(fc.double({ min: 0.001, max: 1e9, noNaN: true }), { nil: undefined }),
      },
      { snapshotEvery: positive, parked: fc.constant(true as const) },
    ),
  );
}

/** An answer to a report, with a snapshot in this folder if there is one. */
export function reportAnswerIn(folder: string): fc.Arbitrary<ReportAnswer> {
  return fc.oneof(
    fc.constantFrom<ReportAnswer>("continue", "pause", "stop"),
    arbitraryOf<ExploitAnswer>({ action: fc.constant("exploit"), params, resume: resumeIn(folder) }, {}),
  );
}

type EndOf<Kind extends AttemptEnd["kind"]> = Extract<AttemptEnd, { readonly kind: Kind }>;
const ends: { readonly [Kind in AttemptEnd["kind"]]: fc.Arbitrary<EndOf<Kind>> } = {
  ended: arbitraryOf<EndOf<"ended">>(
    { kind: fc.constant("ended") },
    { unspared: fc.constant(true as const), parked: fc.constant(true as const) },
  ),
  failed: arbitraryOf<EndOf<"failed">>(
    { kind: fc.constant("failed"), error: failure, output: fc.array(text, { maxLength: 100 }) },
    {},
  ),
  "not-started": arbitraryOf<EndOf<"not-started">>({ kind: fc.constant("not-started"), error: failure }, {}),
  released: arbitraryOf<EndOf<"released">>(
    // Only the coordinator can say that a worker is lost.
    { kind: fc.constant("released"), reason: fc.constant("interrupted") },
    {},
  ),
};
/** How an attempt ended, as a worker reports it. */
export const attemptEnd: fc.Arbitrary<AttemptEnd> = fc.oneof(...Object.values(ends));
