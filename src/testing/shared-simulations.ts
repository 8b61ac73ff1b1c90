import fc from "fast-check";

/** The studies of one subject that laws have simulated so far, and the seed of those that they meet. */
export interface SharedSimulations<Simulated> {
  /** For `fc.assert`: with it, laws whose first arbitraries are the same meet the same random studies. */
  readonly seed: number;
  /** What is simulated for a key, which tells all that it depends on; a simulation that threw throws again. */
  simulated(key: string, simulate: () => Simulated): Simulated;
}

function createShared<Simulated>(): SharedSimulations<Simulated> {
  const known = new Map<string, () => Simulated>();
  const attempt = (simulate: () => Simulated): (() => Simulated) => {
    try {
      const simulation = simulate();
      return () => simulation;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  };
  const [seed = 0] = fc.sample(fc.integer(), 1);
  return {
    seed,
    simulated: (key, simulate) => {
      const result = known.get(key) ?? attempt(simulate);
      known.set(key, result);
      return result();
    },
  };
}

/**
 * Studies that the laws of a contract share, since to simulate them is most of the work: every law still meets as many as
 * if it had its own, and other subjects and other runs meet others. Only those of the last subject are kept, since laws
 * are checked subject by subject and the studies of all would not fit into memory, and only until fast-check is
 * configured anew: whoever changes the program in between, as `npm run mutants` does, forgets what is known by that.
 */
export function sharedSimulations<Simulated>(): (subject: object) => SharedSimulations<Simulated> {
  let last:
    | { readonly subject: object; readonly settings: unknown; readonly shared: SharedSimulations<Simulated> }
    | undefined;
  return (subject) => {
    const settings = fc.readConfigureGlobal();
    if (last?.subject !== subject || last.settings !== settings)
      last = { subject, settings, shared: createShared() };
    return last.shared;
  };
}
