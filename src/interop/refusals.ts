import { CurvewiseError, type ErrorDetails } from "../core/errors.js";

/** Refuses a file whose content is not what it is taken for. @throws CurvewiseError `IMPORT_INVALID` */
export function refuseFile(file: string, problem: string, details: ErrorDetails): never {
  throw new CurvewiseError("IMPORT_INVALID", `${file}: ${problem}`, details);
}

/** Refuses what has no counterpart here. @throws CurvewiseError `IMPORT_UNSUPPORTED` */
export function refuseUnsupported(file: string, problem: string, hint: string): never {
  throw new CurvewiseError("IMPORT_UNSUPPORTED", `${file}: ${problem}`, { hint });
}
