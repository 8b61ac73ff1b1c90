import { describe, expect, it } from "vitest";
import { CONTRACT_TIMEOUT } from "./contract-timeout.js";

/** One thing that a contract demands. */
export interface Law<Subject> {
  /** What it demands, as the name of a test: `stays inside the space`. */
  readonly name: string;
  /** Whether it binds this subject; unless given, all are bound. */
  readonly binds?: (subject: Subject) => boolean;
  /** @throws whatever an assertion throws, where the subject breaks the law */
  readonly check: (subject: Subject) => void;
}

/** Makes a test of each law that binds the subject. */
export function testLaws<Subject>(title: string, subject: Subject, laws: readonly Law<Subject>[]): void {
  const binding = laws.filter(({ binds }) => binds?.(subject) !== false);
  describe.each([title])("%s", { timeout: CONTRACT_TIMEOUT }, () => {
    it.each(binding)("$name", ({ check }) => {
      expect(() => check(subject)).not.toThrow();
    });
  });
}

/** The names of the laws that bind a subject and that it breaks. */
export function brokenLaws<Subject>(subject: Subject, laws: readonly Law<Subject>[]): string[] {
  const breaks = ({ check }: Law<Subject>): boolean => {
    try {
      check(subject);
      return false;
    } catch {
      return true;
    }
  };
  return laws.filter((law) => law.binds?.(subject) !== false && breaks(law)).map(({ name }) => name);
}

/** The law of that name. @throws Error when there is none */
export function lawNamed<Subject>(laws: readonly Law<Subject>[], name: string): Law<Subject> {
  const law = laws.find((each) => each.name === name);
  if (law === undefined)
    throw new Error(`no law is named "${name}": ${laws.map((each) => each.name).join("; ")}`);
  return law;
}
