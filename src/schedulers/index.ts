import { none } from "./none.js";

export { none };

/** Every scheduler by its name: the one list that the command line and the documentation are made from. */
export const schedulers = { none } as const;
