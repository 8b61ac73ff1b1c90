/**
 * Contract suites for your own sampler, scheduler, storage or launcher. They need `vitest` and `fast-check`.
 *
 * @packageDocumentation
 */
export { launcherContract } from "./launcher-contract.js";
export { type SamplerExpectations, samplerContract } from "./sampler-contract.js";
export { type SchedulerExpectations, schedulerContract } from "./scheduler-contract.js";
export { type StorageUnderTest, storageContract } from "./storage-contract.js";
