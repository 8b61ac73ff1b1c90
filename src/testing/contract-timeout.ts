/**
 * How long a test of a contract suite may take, in milliseconds: a runner's own limit may be too short for a busy
 * machine.
 */
export const CONTRACT_TIMEOUT = 300_000;
