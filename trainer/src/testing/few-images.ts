import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const SHIPPED = new URL("../../../data/fashion-mnist/", import.meta.url);

/** Writes the first samples of an IDX file, unzipped: the other of the two forms that are read. */
async function writeFirst(folder: string, name: string, count: number): Promise<void> {
  const bytes = gunzipSync(await readFile(new URL(`${name}.gz`, SHIPPED)));
  const header = 4 + 4 * bytes.readUInt8(3);
  const sample = (bytes.length - header) / bytes.readUInt32BE(4);
  bytes.writeUInt32BE(count, 4);
  await writeFile(join(folder, name), bytes.subarray(0, header + count * sample));
}

/**
 * Writes the first images of the data with their classes to a folder, for `--data`: reading them all takes most of the
 * time of a short training.
 *
 * @param counts how many images there are for training and for testing
 */
export async function writeFewImages(
  folder: string,
  counts: { readonly train: number; readonly test: number },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [set, count] of [
    ["train", counts.train],
    ["t10k", counts.test],
  ] as const) {
    await writeFirst(folder, `${set}-images-idx3-ubyte`, count);
    await writeFirst(folder, `${set}-labels-idx1-ubyte`, count);
  }
}
