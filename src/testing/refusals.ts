import { expect, it } from "vitest";
import { type Law, lawNamed } from "./laws.js";

/** Something that breaks a law, and what its breach looks like. */
export interface Wrong<Subject> {
  /** What it does, after "refuses one that". */
  readonly what: string;
  /** The name of the law that refuses it. */
  readonly law: string;
  readonly subject: Subject;
  /** What it is refused with; an assertion that fails, unless given. */
  readonly saying?: RegExp;
}

/** Lets a law be checked on what a wrong one stands for; it may set that up and clear it away. */
export type Examine<Subject, Checked> = (
  subject: Subject,
  check: (checked: Checked) => void | Promise<void>,
) => Promise<void>;

/** An error and those that caused it: fast-check's own one is caused by the assertion that failed within a property. */
function* causesOf(error: unknown): Generator<string> {
  if (!(error instanceof Error)) return;
  yield `${error.name}: ${error.message}`;
  yield* causesOf(error.cause);
}

/** With what a law refuses; nothing when it does not. */
async function refusalOf(check: () => Promise<void>): Promise<string[]> {
  try {
    await check();
    return [];
  } catch (error) {
    return [...causesOf(error)];
  }
}

/**
 * Makes a test of each wrong one: the law that it names binds it and refuses it, and not because it fails to run.
 *
 * @param examine how a law is checked on it
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

/** Makes a test that there is a wrong one for each law, so that none is without effect. */
export function testLawsRefuse<Checked>(
  laws: readonly Law<Checked>[],
  wrongs: readonly Wrong<unknown>[],
): void {
  it("breaks any other law", () => {
    const broken = new Set(wrongs.map(({ law }) => law));
    expect(laws.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([]);
  });
}
