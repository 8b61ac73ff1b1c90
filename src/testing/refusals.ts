import { expect, it } from "vitest";
import { type Law, lawNamed } from "./laws.js";

/** Something that breaks a law, and how it is refused. */
export interface Wrong<Subject> {
  /** What it does, after "refuses one that". */
  readonly what: string;
  /** The name of the law that refuses it. */
  readonly law: string;
  readonly subject: Subject;
  /** The error with which it is refused; by default a failed assertion. */
  readonly saying?: RegExp;
}

/** Checks a law on a wrong subject, with set-up and tear-down if necessary. */
export type Examine<Subject, Checked> = (
  subject: Subject,
  check: (checked: Checked) => void | Promise<void>,
) => Promise<void>;

/** An error and its causes: fast-check's own error is caused by the assertion that failed in the property. */
function* causesOf(error: unknown): Generator<string> {
  if (!(error instanceof Error)) return;
  yield `${error.name}: ${error.message}`;
  yield* causesOf(error.cause);
}

/** The messages with which a law refuses; empty if it does not. */
async function refusalOf(check: () => Promise<void>): Promise<string[]> {
  try {
    await check();
    return [];
  } catch (error) {
    return [...causesOf(error)];
  }
}

/**
 * Creates a test for each wrong one: the law that it names must apply to it and refuse it, and not because it fails to
 * run.
 *
 * @param examine checks a law on it
 */
export function testRefusals<Subject, Checked>(
  laws: readonly Law<Checked>[],
  wrongs: readonly Wrong<Subject>[],
  examine: Examine<Subject, Checked>,
): void {
  const cases = wrongs.map((wrong) => [wrong.what, wrong] as const);
  it.each(cases)("%s", async (_, { law, subject, saying = /AssertionError/ }) => {
    const { binds, check } = lawNamed(laws, law);
    let isBound = false;
    const refusal = await refusalOf(() =>
      examine(subject, (checked) => {
        isBound = binds?.(checked) !== false;
        return check(checked);
      }),
    );
    expect(isBound).toBe(true);
    expect(refusal.join("\n")).toMatch(saying);
  });
}

/** Creates a test that there is a wrong one for each law, so that no law is without effect. */
export function testLawsRefuse<Checked>(
  laws: readonly Law<Checked>[],
  wrongs: readonly Wrong<unknown>[],
): void {
  it("breaks any other law", () => {
    const broken = new Set(wrongs.map(({ law }) => law));
    expect(laws.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([]);
  });
}
