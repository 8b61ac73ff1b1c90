import type { MetricGoal } from "../../src/core/goal.js";
import { type Report, renderReport } from "../../src/dashboard/render-report.js";
import { memoryStorage } from "../../src/storage/memory.js";
import type { GeneratedStudy } from "./generated-study.js";

/** When generated reports are made. */
export const GENERATED_AT = Date.UTC(2025, 2, 3, 10);

/** The report of made-up studies, whose logs are kept in memory as any study's are in a database. */
export async function generateReport(
  made: readonly GeneratedStudy[],
  goals: readonly MetricGoal[] = [],
): Promise<Report> {
  const source = memoryStorage();
  for (const { study, events } of made) {
    const { definition } = study;
    await source.createStudy(definition, events[0]?.time ?? 0);
    const holder = { host: "node-1", pid: 4711, started: "" };
    const lease = await source.acquire(definition.name, {
      holder,
      now: 1,
      duration: 1e9,
      isGone: () => true,
    });
    await source.append(lease, events.slice(1));
    await source.release(lease);
  }
  const names = made.map(({ study }) => study.definition.name);
  return renderReport({ source, names, goals, version: "0.1.0", generatedAt: GENERATED_AT });
}
