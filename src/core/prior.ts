import { CurvewiseError } from "./errors.js";
import { nameHint } from "./nearest.js";
import type { NumberPrior, Param, ParamValue } from "./param.js";
import { placeOfValue, textOfValue } from "./param-value.js";

function refuse(name: string, problem: string, hint: string): never {
  throw new CurvewiseError("SPACE_INVALID", `the prior of "${name}" ${problem}`, { hint });
}

const FACTOR = "Give `factor`: 3 says that the best value is probably between `around` / 3 and `around` * 3.";
const WITHIN =
  "Give `within`: 0.1 says that the best value is probably between `around` - 0.1 and `around` + 0.1.";

type NumberParam = Extract<Param, { readonly kind: "float" | "int" }>;
type ListParam = Extract<Param, { readonly kind: "choice" | "ordinal" }>;

function checkNumber(name: string, param: NumberParam, prior: NumberPrior): void {
  const { low, high, log } = param;
  const { around, factor, within } = prior;
  if (!(around >= low && around <= high)) {
    const given = around === undefined ? "does not say around which number" : `is around ${around}`;
    refuse(name, `${given}, but the range is ${low} to ${high}`, "Give `around` a number of the range.");
  }
  if (log && within !== undefined) refuse(name, "has `within`, but the param is logarithmic", FACTOR);
  if (!log && factor !== undefined) {
    refuse(name, "has a factor, but the param is not logarithmic", `${WITHIN} Or set log.`);
  }
  if (log && factor === undefined) refuse(name, "does not say how near the best value is", FACTOR);
  if (!log && within === undefined) refuse(name, "does not say how near the best value is", WITHIN);
  if (factor !== undefined && !(factor > 1 && Number.isFinite(factor)))
    refuse(name, `has the factor ${factor}, but it must be above 1`, FACTOR);
  if (within !== undefined && !(within > 0 && Number.isFinite(within)))
    refuse(name, `has the distance ${within}, but \`within\` must be above 0`, WITHIN);
}

type Weights = Readonly<Record<string, number>>;

/** The place of the option that a text names: by its own text, or by any JSON that equals it; -1 if it names none. */
function placeNamed(options: readonly ParamValue[], text: string): number {
  const place = options.findIndex((option) => textOfValue(option) === text);
  if (place >= 0) return place;
  try {
    const value: ParamValue = JSON.parse(text);
    return placeOfValue(options, value);
  } catch {
    return -1;
  }
}

function checkWeights(name: string, { options }: ListParam, weights: Weights): void {
  const names = options.map(textOfValue);
  const given = Object.entries(weights);
  if (given.length === 0)
    refuse(
      name,
      "has no weights by value",
      `Weigh at least one of ${names.join(", ")}, or leave the prior out.`,
    );
  const weighed = new Map<number, string>();
  for (const [value, weight] of given) {
    const place = placeNamed(options, value);
    if (place < 0) {
      const hint = nameHint(value, names);
      refuse(
        name,
        `weighs ${JSON.stringify(value)}, which is not one of its values`,
        names.some((each) => /^[[{]/.test(each)) ? `${hint} Lists and mappings are named as JSON.` : hint,
      );
    }
    const other = weighed.get(place);
    if (other !== undefined) refuse(name, `weighs ${other} twice`, `Leave out ${value}, which is the same.`);
    weighed.set(place, value);
    if (!(weight >= 0 && Number.isFinite(weight))) {
      refuse(
        name,
        `weighs ${value} with ${weight}`,
        "Give numbers from 0 up; values that are not named weigh 1.",
      );
    }
  }
  const double = names.find((value, place) => names.indexOf(value) !== place);
  if (double !== undefined) {
    refuse(
      name,
      `cannot tell two values apart: both are written ${double}`,
      "Leave the prior out, or write the values differently.",
    );
  }
  if (weightsOf(options, weights).every((weight) => weight === 0))
    refuse(name, "weighs every value with 0", "Give at least one value a weight above 0.");
}

const KEYS: ReadonlySet<string> = new Set(["around", "factor", "within", "weights"]);

/** @throws CurvewiseError `SPACE_INVALID` when a param's prior means nothing for it */
export function checkPrior(name: string, param: Param): void {
  if (param.kind === "fixed" || param.prior === undefined) return;
  const given: unknown = param.prior;
  const isNumber = param.kind === "float" || param.kind === "int";
  const form = isNumber
    ? "Write {around: 0.5, within: 0.1} or, with log, {around: 1e-3, factor: 3}."
    : "Write {weights: {adam: 3, sgd: 1}}.";
  if (typeof given !== "object" || given === null || Array.isArray(given))
    refuse(name, "is not a mapping", form);
  const keys = Object.keys(given);
  const unknown = keys.find((key) => !KEYS.has(key));
  if (unknown !== undefined) refuse(name, `has "${unknown}", which means nothing there`, form);
  const odd = keys.find((key) => (key === "weights") === isNumber);
  if (odd !== undefined) refuse(name, `has \`${odd}\`, but it is a prior of ${param.kind}`, form);
  if (isNumber) return checkNumber(name, param, param.prior);
  const { weights } = param.prior;
  if (typeof weights !== "object" || weights === null || Array.isArray(weights))
    refuse(name, "has no weights by value", form);
  checkWeights(name, param, weights);
}

/** The weight of each option. */
export function weightsOf(options: readonly ParamValue[], weights: Weights): number[] {
  const found = options.map(() => 1);
  for (const [text, weight] of Object.entries(weights)) {
    const place = placeNamed(options, text);
    if (place >= 0) found[place] = weight;
  }
  return found;
}
