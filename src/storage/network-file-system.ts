/** Linux's type numbers (`statfs(2)`) of file systems that several machines share. */
const SHARED_TYPES = new Map<number, string>([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "SMB"],
  [0xfe534d42, "SMB"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x73757245, "Coda"],
  [0x564c, "NCP"],
  [0x01021997, "9P"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x19830326, "BeeGFS"],
  [0x47504653, "GPFS"],
  [0xaad7aaea, "PanFS"],
  [0x20030528, "OrangeFS"],
]);

/**
 * The network file system that a folder is on; undefined if it is local or unknown.
 *
 * SQLite's log keeps its locks in memory shared by all processes, which works only on one machine: on a network file
 * system, two machines would damage the database.
 *
 * @param platform as `process.platform`
 * @param folder absolute
 * @param type the result of `statfs`; only Linux uses numbers with a fixed meaning
 */
export function networkFileSystem(platform: string, folder: string, type: number): string | undefined {
  if (platform === "win32") return /^[\\/]{2}[^\\/?.]/.test(folder) ? "a Windows share" : undefined;
  return platform === "linux" ? SHARED_TYPES.get(type >>> 0) : undefined;
}
