import { CurvewiseError } from "../core/errors.js";
import { MAX_METRIC_NAME, MAX_METRICS, type Metrics } from "../core/events.js";

/**
 * Checks a report by itself, whatever came before it.
 *
 * @throws CurvewiseError `REPORT_INVALID` saying what is invalid
 */
export function checkReport(step: number, metrics: Metrics): void {
  if (!Number.isSafeInteger(step) || step < 1) {
    throw new CurvewiseError(
      "REPORT_INVALID",
      `a step must be a whole number of at least 1, but is ${step}`,
      {
        hint: "Report step 1 after the first one; for a program that counts from 0, set `firstStep: 0` in the study file.",
      },
    );
  }
  const given: unknown = metrics;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new CurvewiseError("REPORT_INVALID", `the report of step ${step} has no metrics by name`, {
      hint: `Report them as an object such as {"loss":0.5}.`,
    });
  }
  const names = Object.keys(metrics);
  if (names.length === 0 || names.length > MAX_METRICS) {
    throw new CurvewiseError("REPORT_INVALID", `the report of step ${step} has ${names.length} metrics`, {
      hint: `Report 1 to ${MAX_METRICS} metrics.`,
    });
  }
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value !== "number") {
      throw new CurvewiseError(
        "REPORT_INVALID",
        `metric "${name}" of step ${step} is ${JSON.stringify(value)}`,
        {
          hint: "Metrics are numbers; NaN and infinities are allowed.",
        },
      );
    }
    if (name === "__proto__") {
      throw new CurvewiseError("REPORT_INVALID", `a metric of step ${step} has the name "__proto__"`, {
        hint: "Give it another name: no object of JavaScript can hold this one.",
      });
    }
    if (name === "" || name.length > MAX_METRIC_NAME) {
      throw new CurvewiseError(
        "REPORT_INVALID",
        `a metric's name in the report of step ${step} is empty or too long`,
        {
          hint: `Names have 1 to ${MAX_METRIC_NAME} characters.`,
        },
      );
    }
  }
}

/**
 * Checks that the steps of one attempt increase.
 *
 * @param previous the attempt's last step; 0 before the first
 * @throws CurvewiseError `STEP_NOT_INCREASING`
 */
export function checkOrder(step: number, previous: number): void {
  if (step > previous) return;
  const wrong =
    step === previous ? `step ${step} is reported twice` : `step ${step} comes after step ${previous}`;
  throw new CurvewiseError("STEP_NOT_INCREASING", `${wrong}; the report was not recorded`, {
    hint: "Report each step once, in order, with all its metrics together.",
  });
}
