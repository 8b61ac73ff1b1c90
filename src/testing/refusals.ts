import { expect, it } from "vitest";
import { type Law, lawNamed } from "./laws.js";

/** Something that breaks a law, and what its breach looks like. */
export interface Wrong<Subject> {
  /** What it does, after "refuses one that". */
  readonly what: string;
  /** The name of the law that refuses it. */
  readonly law: string;
  readonly subject: Subject;
  /** Part of the message with which the law refuses it; unless given, an assertion fails. */
  readonly saying?: RegExp;
}

/** Lets a law be checked on what a wrong one stands for; it may set that up and clear it away. */
export type Examine<Subject, Checked> = (
  subject: Subject,
  check: (checked: Checked) => void | Promise<void>,
) => Promise<void>;

/** How a law refuses: nothing when it does not. */
async function refusalOf(check: () => Promise<void>): Promise<Error | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
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
  it.each(wrongs)("$what", async ({ law, subject, saying }) => {
    const { binds, check } = lawNamed(laws, law);
    let isBound = false;
    const refusal = await refusalOf(() =>
      examine(subject, (checked) => {
        isBound = binds?.(checked) !== false;
        return check(checked);
      }),
    );
    expect(isBound).toBe(true);
    expect(refusal).toBeDefined();
    // An assertion that fails within a property comes as the cause of fast-check's own error.
    if (saying === undefined) expect(`${refusal?.name} ${refusal?.message}`).toMatch(/AssertionError/);
    else expect(refusal?.message).toMatch(saying);
  });
}
