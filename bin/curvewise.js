#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `error NODE_TOO_OLD: Curvewise needs Node 20.19 or newer, but this is ${process.versions.node}\nhint: Install a newer Node.\n`,
  );
  process.exit(2);
}

const entry = new URL("../dist/cli/main.js", import.meta.url);
const { existsSync } = await import("node:fs");
if (!existsSync(entry)) {
  process.stderr.write(
    "error NOT_BUILT: Curvewise has not been built here\nhint: Run `npm ci && npm run build` in the package's folder.\n",
  );
  process.exit(2);
}

const { main } = await import(entry.href);
await main(process.argv.slice(2));
