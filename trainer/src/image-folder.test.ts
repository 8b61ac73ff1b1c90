import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeIdx } from "./idx.js";
import { loadImageFolder } from "./image-folder.js";

const images = (count: number, side: number): Uint8Array =>
  encodeIdx({
    shape: [count, side, side],
    values: Uint8Array.from({ length: count * side * side }, (_, i) => i % 256),
  });
const labels = (count: number): Uint8Array =>
  encodeIdx({ shape: [count], values: Uint8Array.from({ length: count }, (_, i) => i % 3) });

let folder = "";
const put = (name: string, bytes: Uint8Array): Promise<void> => writeFile(join(folder, name), bytes);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "curvewise-idx-"));
  await put("train-images-idx3-ubyte.gz", gzipSync(images(5, 4)));
  await put("train-labels-idx1-ubyte", labels(5));
  await put("t10k-images.idx3-ubyte", images(2, 4));
  await put("t10k-labels-idx1-ubyte.gz", gzipSync(labels(2)));
});
afterEach(() => rm(folder, { recursive: true }));

describe("a folder of IDX files", () => {
  it("is read gzipped or plain, with a hyphen or a point in the names", async () => {
    const { train, test } = await loadImageFolder(folder);
    expect([train.count, train.inputs, test.count, test.inputs]).toEqual([5, 16, 2, 16]);
    expect([...train.images.subarray(0, 3)]).toEqual([0, 1, 2]);
    expect([...train.labels]).toEqual([0, 1, 2, 0, 1]);
  });

  it("is refused when a file is missing, and the error names it", async () => {
    await rm(join(folder, "train-labels-idx1-ubyte"));
    await expect(loadImageFolder(folder)).rejects.toMatchObject({
      code: "DATA_MISSING",
      message: expect.stringContaining("train-labels-idx1-ubyte.gz"),
    });
  });

  it("is refused when it is a file", async () => {
    await expect(loadImageFolder(join(folder, "train-labels-idx1-ubyte"))).rejects.toMatchObject({
      code: "DATA_UNREADABLE",
    });
  });

  it("is refused when a gzip stream is cut off", async () => {
    await put("train-images-idx3-ubyte.gz", gzipSync(images(5, 4)).subarray(0, 40));
    await expect(loadImageFolder(folder)).rejects.toMatchObject({ code: "IDX_GZIP" });
  });

  it("is refused when images and labels differ in number", async () => {
    await put("train-labels-idx1-ubyte", labels(4));
    await expect(loadImageFolder(folder)).rejects.toMatchObject({
      code: "IDX_COUNT",
      message: expect.stringMatching(/5 images, but .* 4 labels/),
    });
  });

  it("is refused when images and labels are swapped", async () => {
    await put("train-images-idx3-ubyte.gz", labels(5));
    await expect(loadImageFolder(folder)).rejects.toMatchObject({ code: "IDX_SHAPE" });
    await put("train-images-idx3-ubyte.gz", images(5, 4));
    await put("train-labels-idx1-ubyte", images(5, 4));
    await expect(loadImageFolder(folder)).rejects.toMatchObject({ code: "IDX_SHAPE" });
  });

  it("is refused when training and test images differ in size", async () => {
    await put("t10k-images.idx3-ubyte", images(2, 5));
    await expect(loadImageFolder(folder)).rejects.toMatchObject({ code: "IDX_SHAPE" });
  });

  it("ships with the repository: 1,200 and 200 images of each of ten classes", async () => {
    const shipped = await loadImageFolder(
      fileURLToPath(new URL("../../data/fashion-mnist", import.meta.url)),
    );
    for (const [set, perClass] of [
      [shipped.train, 1200],
      [shipped.test, 200],
    ] as const) {
      const counts = Array.from(
        { length: 10 },
        (_, label) => set.labels.filter((found) => found === label).length,
      );
      expect(counts).toEqual(Array.from({ length: 10 }, () => perClass));
      expect(set.inputs).toBe(784);
    }
  });
});
