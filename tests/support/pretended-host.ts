/**
 * Environment variables that make a process believe that it is on another host: with that host's name, and a
 * clock that is off by some milliseconds. Programs that it starts believe the same.
 */
export function pretendedHost(name: string, off = 0): Readonly<Record<string, string>> {
  const script = `
    import os from "node:os";
    import { syncBuiltinESMExports } from "node:module";
    os.hostname = () => ${JSON.stringify(name)};
    syncBuiltinESMExports();
    const now = Date.now;
    Date.now = () => now() + ${off};
  `;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` };
}
