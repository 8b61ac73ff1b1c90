import { execFileSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";

/** A host of its own as far as network and name go: namespaces at the other end of a cable that can be cut. */
export interface FarHost {
  /** This side's address on the cable; it can be reached from this side at any time. */
  readonly address: string;
  /** What a command begins with that is to run there. */
  readonly command: readonly string[];
  cut(): void;
  mend(): void;
  close(): void;
}

/** Makes the namespace and the cable. It must be ended. @throws where this process may not make them */
export function createFarHost(): FarHost {
  const name = `cw${randomBytes(4).toString("hex")}`;
  const [near, far] = [`${name}n`, `${name}f`];
  // A part of the range that is meant for benchmarks of networks, so that no network of this machine is in it.
  const net = `198.18.${randomInt(256)}`;
  const ip = (...words: readonly string[]): void => {
    execFileSync("ip", [...words], { stdio: ["ignore", "ignore", "pipe"] });
  };
  const close = (): void => {
    // The cable goes with it.
    ip("netns", "delete", name);
  };
  try {
    ip("netns", "add", name);
  } catch (cause) {
    throw new Error("this test makes network namespaces: it must be run as root, with the program ip", {
      cause,
    });
  }
  try {
    ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", name);
    ip("address", "add", `${net}.1/24`, "dev", near);
    ip("link", "set", near, "up");
    ip("-n", name, "address", "add", `${net}.2/24`, "dev", far);
    ip("-n", name, "link", "set", far, "up");
    ip("-n", name, "link", "set", "lo", "up");
  } catch (error) {
    close();
    throw error;
  }
  return {
    address: `${net}.1`,
    command: ["ip", "netns", "exec", name, "unshare", "--uts", "sh", "-c", 'hostname far && exec "$@"', "sh"],
    cut: () => ip("link", "set", near, "down"),
    mend: () => ip("link", "set", near, "up"),
    close,
  };
}
