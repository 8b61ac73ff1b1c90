/** CRC-32C (Castagnoli), as record files have it. */
declare module "crc-32/crc32c.js" {
  const crc32c: {
    /** @returns a signed 32-bit number */
    readonly buf: (data: Uint8Array) => number;
  };
  export default crc32c;
}
