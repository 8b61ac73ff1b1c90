import fc from "fast-check";
import { expect, it } from "vitest";
import { batchesOf } from "./mlflow.js";

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ key: `${prefix}${index}`, value: String(index) }));

it("requests keep MLflow's limits, and leave nothing out", () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.nat(300), fc.nat(300), (points, params, tags) => {
      const metrics = Array.from({ length: points }, (_, step) => {
        return { key: "loss", value: step / 2, timestamp: 1_700_000_000_000 + step, step };
      });
      const given = { metrics, params: numbered("p", params), tags: numbered("t", tags) };
      const batches = [...batchesOf(given.metrics, given.params, given.tags)];
      for (const batch of batches) {
        // By MLflow's documentation of log-batch.
        expect(batch.metrics.length).toBeLessThanOrEqual(1000);
        expect(batch.params.length).toBeLessThanOrEqual(100);
        expect(batch.tags.length).toBeLessThanOrEqual(100);
        expect(batch.metrics.length + batch.params.length + batch.tags.length).toBeLessThanOrEqual(1000);
      }
      expect(batches.flatMap((batch) => batch.metrics)).toEqual(given.metrics);
      expect(batches.flatMap((batch) => batch.params)).toEqual(given.params);
      expect(batches.flatMap((batch) => batch.tags)).toEqual(given.tags);
    }),
    { numRuns: 30 },
  );
});
