import { z } from "zod";

/**
 * The option of an algorithm that names earlier studies. `auto`: those of the storage that fit; what is recorded are
 * their names, as they were found when the study began.
 */
export const transferOption = z.union([
  z.literal("auto"),
  z
    .array(z.string().min(1))
    .max(100)
    .refine((names) => new Set(names).size === names.length, "must not name a study twice"),
]);

type TransferOption = z.output<typeof transferOption>;

/** The named studies; empty until `auto` was resolved. */
export const namedStudies = (option: TransferOption | undefined): readonly string[] =>
  option === undefined || option === "auto" ? [] : option;

/** Options of an algorithm with the studies that were found, unless it names some itself. */
export const withFoundStudies = <Options extends { readonly transfer?: TransferOption }>(
  options: Options,
  studies: readonly string[],
): Options =>
  options.transfer === undefined || options.transfer === "auto"
    ? { ...options, transfer: [...studies] }
    : options;
