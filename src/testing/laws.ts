import { it } from "vitest";
import { CONTRACT_TIMEOUT } from "./contract-timeout.js";

/** One requirement of a contract. */
export interface Law<Subject> {
  /** The requirement, as the name of a test: `stays inside the space`. */
  readonly name: string;
  /** Whether it applies to this subject; by default to all. */
  readonly binds?: (subject: Subject) => boolean;
  /** @throws whatever an assertion throws, if the subject breaks the law */
  readonly check: (subject: Subject) => void | Promise<void>;
}

/** The laws that apply to a subject. */
export const bindingLaws = <Subject>(subject: Subject, laws: readonly Law<Subject>[]): Law<Subject>[] =>
  laws.filter(({ binds }) => binds === undefined || binds(subject));

/** Creates a test for each law that applies to the subject. Call it inside `describe`. */
export function testLaws<Subject>(subject: Subject, laws: readonly Law<Subject>[]): void {
  const binding = bindingLaws(subject, laws);
  // oxlint-disable-next-line vitest/expect-expect -- laws do
  it.each(binding.map(({ name, check }) => [name, check] as const))(
    "%s",
    { timeout: CONTRACT_TIMEOUT },
    (_, check) => check(subject),
  );
}

/** The law with a name. @throws Error if there is none */
export function lawNamed<Subject>(laws: readonly Law<Subject>[], name: string): Law<Subject> {
  const law = laws.find((each) => each.name === name);
  if (law === undefined)
    throw new Error(`no law is named "${name}": ${laws.map((each) => each.name).join("; ")}`);
  return law;
}
