import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Where Debian keeps it, in a folder of the processor's name. */
const LIBRARIES = "/usr/lib";

function library(): string {
  for (const folder of readdirSync(LIBRARIES)) {
    const file = join(LIBRARIES, folder, "faketime", "libfaketime.so.1");
    if (existsSync(file)) return file;
  }
  throw new Error("this test shifts clocks: it needs Debian's package faketime");
}

/**
 * The environment of programs on a host whose clock is off by so many seconds, as the whole of a program sees it. What
 * measures durations goes on as it does, as on a host whose clock was set.
 */
export function shiftedClock(seconds: number): Readonly<Record<string, string>> {
  return {
    LD_PRELOAD: library(),
    FAKETIME: `${seconds < 0 ? "" : "+"}${seconds}`,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    // Older versions read this.
    DONT_FAKE_MONOTONIC: "1",
    // Files have the times of the host that keeps them.
    NO_FAKE_STAT: "1",
  };
}
