import { hostname, userInfo } from "node:os";

/** The user of this process and its host. */
export function thisUser(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container's user may have no name.
    return `${process.env["USER"] ?? "user"}@${hostname()}`;
  }
}
