import { describe, expect, it } from "vitest";
import { networkFileSystem } from "./network-file-system.js";

describe("networkFileSystem", () => {
  // The numbers of statfs(2) in the Linux manual pages and linux/magic.h.
  it.each([
    [0x6969, "NFS"],
    [0xff534d42, "SMB"],
    [0xff534d42 | 0, "SMB"],
    [0xfe534d42, "SMB"],
    [0x517b, "SMB"],
    [0x01021997, "9P"],
    [0x00c36400, "Ceph"],
    [0x0bd00bd0, "Lustre"],
  ])("knows Linux's type %i as %s", (type, name) => {
    expect(networkFileSystem("linux", "/data", type)).toBe(name);
  });

  it.each([
    ["ext4", 0xef53],
    ["tmpfs", 0x01021994],
    ["xfs", 0x58465342],
    ["btrfs", 0x9123683e],
    ["overlayfs", 0x794c7630],
    ["zfs", 0x2fc12fc1],
  ])("treats %s as local", (_, type) => {
    expect(networkFileSystem("linux", "/data", type)).toBeUndefined();
  });

  it("reads the type only on platforms where its numbers mean this", () => {
    expect(networkFileSystem("darwin", "/Users/a", 0x6969)).toBeUndefined();
  });

  it("recognizes Windows shares by their path", () => {
    expect(networkFileSystem("win32", "\\\\server\\share", 0)).toBe("a Windows share");
    expect(networkFileSystem("win32", "C:\\Users\\a", 0)).toBeUndefined();
    expect(networkFileSystem("win32", "\\\\?\\C:\\Users", 0)).toBeUndefined();
  });
});
