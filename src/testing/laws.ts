import { it } from "vitest";
import { CONTRACT_TIMEOUT } from "./contract-timeout.js";

/** One thing that a contract demands. */
export interface Law<Subject> {
  /** What it demands, as the name of a test: `stays inside the space`. */
  readonly name: string;
  /** Whether it binds this subject; unless given, all are bound. */
  readonly binds?: (subject: Subject) => boolean;
  /** @throws whatever an assertion throws, where the subject breaks the law */
  readonly check: (subject: Subject) => void | Promise<void>;
}

/** Makes a test of each law that binds the subject. Call it inside of `describe`. */
export function testLaws<Subject>(subject: Subject, laws: readonly Law<Subject>[]): void {
  const binding = laws.filter(({ binds }) => binds?.(subject) !== false);
  // oxlint-disable-next-line vitest/expect-expect -- laws do
  it.each(binding.map(({ name, check }) => [name, check] as const))(
    "%s",
    { timeout: CONTRACT_TIMEOUT },
    (_, check) => check(subject),
  );
}

/** The law of that name. @throws Error when there is none */
export function lawNamed<Subject>(laws: readonly Law<Subject>[], name: string): Law<Subject> {
  const law = laws.find((each) => each.name === name);
  if (law === undefined)
    throw new Error(`no law is named "${name}": ${laws.map((each) => each.name).join("; ")}`);
  return law;
}
