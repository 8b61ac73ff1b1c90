import fc from "fast-check";
import { type Goal, LIMIT_COMPARISONS, type MetricConstraint, type MetricGoal } from "../../src/core/goal.js";
import type { Json } from "../../src/core/json.js";
import {
  FILE_FORMATS,
  type MetricReading,
  OUTPUT_STREAMS,
  PRINTED_FORMATS,
} from "../../src/core/metric-reading.js";
import type { Condition, ListPrior, NumberPrior, Param } from "../../src/core/param.js";
import type {
  AlgorithmChoice,
  AlgorithmModule,
  Budget,
  ImportOrigin,
  OwnSnapshots,
  Prices,
  ProgramDefinition,
  ProgramFile,
  StudyDefinition,
} from "../../src/core/study-definition.js";
import { paramValue } from "./arbitrary-attempt.js";
import { arbitraryOf, byName, finite, positive, text, word } from "./arbitrary-fields.js";

/** Whatever JSON can hold. */
export const json: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 2 },
    fc.oneof(text, finite, fc.boolean(), fc.constant(null)),
    fc.array(tie("json"), { maxLength: 3 }),
    byName(tie("json")),
  ),
})).json;

type ReadingOf<Kind extends MetricReading["kind"]> = Extract<MetricReading, { readonly kind: Kind }>;
const stream = fc.constantFrom(...OUTPUT_STREAMS);
const searching = {
  from: stream,
  take: fc.constantFrom("first" as const, "last" as const),
  decimal: fc.constant("," as const),
};
const readings: { readonly [Kind in MetricReading["kind"]]: fc.Arbitrary<ReadingOf<Kind>> } = {
  lines: arbitraryOf<ReadingOf<"lines">>({ kind: fc.constant("lines") }, {}),
  pairs: arbitraryOf<ReadingOf<"pairs">>(
    { kind: fc.constant("pairs"), step: text, names: fc.array(text, { maxLength: 4 }) },
    searching,
  ),
  pattern: arbitraryOf<ReadingOf<"pattern">>({ kind: fc.constant("pattern"), pattern: text }, searching),
  patterns: arbitraryOf<ReadingOf<"patterns">>(
    { kind: fc.constant("patterns"), patterns: fc.array(text, { maxLength: 3 }) },
    searching,
  ),
  format: arbitraryOf<ReadingOf<"format">>(
    { kind: fc.constant("format"), format: fc.constantFrom(...PRINTED_FORMATS) },
    { from: stream, every: fc.double({ min: 0.001, max: 100, noNaN: true }) },
  ),
  file: arbitraryOf<ReadingOf<"file">>(
    { kind: fc.constant("file"), file: text, format: fc.constantFrom(...FILE_FORMATS) },
    { step: text },
  ),
};

/** How a training program is started. */
export const program: fc.Arbitrary<ProgramDefinition> = arbitraryOf<ProgramDefinition>(
  {
    command: fc.array(fc.oneof(text, fc.array(text, { maxLength: 3 })), { minLength: 1, maxLength: 5 }),
    shell: fc.boolean(),
    folder: word.map((name) => `/${name}`),
    env: byName(text),
    metrics: fc.oneof(...Object.values(readings)),
    killAfter: fc.double({ min: 0, max: 1e6, noNaN: true }).map((seconds) => seconds + 0),
  },
  {
    firstStep: fc.constant(0 as const),
    buffering: fc.constant("none-of-ours" as const),
    park: fc.nat(),
    files: fc.array(arbitraryOf<ProgramFile>({ path: word, text }, {}), { maxLength: 3 }),
    snapshot: arbitraryOf<OwnSnapshots>(
      { path: word, wait: fc.double({ min: 0.1, max: 1e6, noNaN: true }) },
      {},
    ),
  },
);

const when: fc.Arbitrary<Condition | undefined> = fc.option(
  byName(
    fc.oneof(
      paramValue,
      fc.array(paramValue, { maxLength: 3 }),
      arbitraryOf<{ readonly min?: number; readonly max?: number }>({}, { min: finite, max: finite }),
    ),
  ),
  { nil: undefined },
);
type ParamOf<Kind extends Param["kind"]> = Extract<Param, { readonly kind: Kind }>;
const range = { low: finite, high: finite, log: fc.boolean(), when };
const listed = { options: fc.array(paramValue, { maxLength: 4 }), when };
const numberPrior: fc.Arbitrary<NumberPrior> = fc.oneof(
  fc.record({ around: finite, factor: finite }, { noNullPrototype: true }),
  fc.record({ around: finite, within: finite }, { noNullPrototype: true }),
);
const listPrior = arbitraryOf<ListPrior>({ weights: byName(positive) }, {});
const kinds: { readonly [Kind in Param["kind"]]: fc.Arbitrary<ParamOf<Kind>> } = {
  float: arbitraryOf<ParamOf<"float">>(
    { kind: fc.constant("float"), ...range, step: fc.option(finite, { nil: undefined }) },
    { default: finite, prior: numberPrior },
  ),
  int: arbitraryOf<ParamOf<"int">>(
    { kind: fc.constant("int"), ...range, step: positive },
    { default: finite, prior: numberPrior },
  ),
  choice: arbitraryOf<ParamOf<"choice">>(
    { kind: fc.constant("choice"), ...listed },
    { default: paramValue, prior: listPrior },
  ),
  ordinal: arbitraryOf<ParamOf<"ordinal">>(
    { kind: fc.constant("ordinal"), ...listed },
    { default: paramValue, prior: listPrior },
  ),
  fixed: arbitraryOf<ParamOf<"fixed">>({ kind: fc.constant("fixed"), value: paramValue, when }, {}),
};

/** A search space. */
export const space = byName(fc.oneof(...Object.values(kinds)));

/** Where an algorithm that is not built in was loaded from. */
export const algorithmModule = arbitraryOf<AlgorithmModule>(
  { specifier: text, folder: text, digest: text },
  { version: text },
);
/** A sampler or a scheduler with its options. */
export const algorithm = arbitraryOf<AlgorithmChoice>(
  { name: word, options: byName(json) },
  { module: algorithmModule },
);
/** When a study ends. */
export const budget = arbitraryOf<Budget>(
  {},
  {
    trials: positive,
    time: finite,
    totalSteps: positive,
    target: finite,
    noBetterFor: positive,
    worthwhile: arbitraryOf<Prices>({ price: finite, value: finite }, {}),
  },
);

/** A study's whole definition. */
export const studyDefinition: fc.Arbitrary<StudyDefinition> = arbitraryOf<StudyDefinition>(
  {
    name: word,
    goal: arbitraryOf<Goal>(
      { metric: text, direction: fc.constantFrom("minimize", "maximize") },
      {
        of: fc.constantFrom("last", "best"),
        across: fc.constantFrom("mean", "median", "worst"),
        reference: finite,
        others: fc.array(
          arbitraryOf<MetricGoal>(
            { metric: text, direction: fc.constantFrom("minimize", "maximize") },
            { reference: finite },
          ),
          { minLength: 1, maxLength: 3 },
        ),
        constraints: fc.array(
          arbitraryOf<MetricConstraint>(
            { metric: text, comparison: fc.constantFrom(...LIMIT_COMPARISONS), limit: finite },
            {},
          ),
          { minLength: 1, maxLength: 3 },
        ),
      },
    ),
    space,
    constraints: fc.array(text, { maxLength: 3 }),
    sampler: algorithm,
    scheduler: algorithm,
    budget,
    seed: fc.maxSafeNat(),
    retries: fc.nat(),
  },
  {
    maxSteps: positive,
    timeout: finite,
    program,
    replicates: positive,
    countStarts: fc.constant(true as const),
    imported: arbitraryOf<ImportOrigin>(
      { tool: word },
      { study: text, firstStep: fc.constant(0), finalValues: fc.constant(true) },
    ),
  },
);
