import { random } from "./random.js";

export { random };

/** Every sampler by its name: the one list that the command line and the documentation are made from. */
export const samplers = { random } as const;
