import fc from "fast-check";
import type { Activation, LayerOption } from "../layer-options.js";

interface Draft {
  readonly kind: "conv2d" | "maxpool" | "dropout" | "batchNorm";
  readonly width: number;
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
}

const draft: fc.Arbitrary<Draft> = fc.record({
  kind: fc.constantFrom("conv2d", "maxpool", "dropout", "batchNorm"),
  width: fc.integer({ min: 1, max: 17 }),
  size: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  padding: fc.integer({ min: 0, max: 3 }),
});

/** A network that begins with an image, its parts of any size that fits. */
export interface RandomNetwork {
  readonly layers: readonly LayerOption[];
  readonly activation: Activation;
}

/**
 * Networks of every kind of layer: up to four for images, then perhaps a GRU or a dense layer, then the classes. Epsilons
 * are large, since batch normalization of nearly equal numbers would enlarge rounding errors.
 */
export function randomNetwork(
  activations: readonly Activation[],
  { edge, width }: { readonly edge: number; readonly width: number },
): fc.Arbitrary<RandomNetwork> {
  return fc
    .record({
      height: fc.integer({ min: 1, max: edge }),
      columns: fc.integer({ min: 1, max: edge }),
      channels: fc.constantFrom(1, 2, 3, 8),
      drafts: fc.array(draft, { maxLength: 4 }),
      hidden: fc.constantFrom("none", "dense", "gru", "normalized"),
      units: fc.integer({ min: 1, max: width }),
      classes: fc.integer({ min: 2, max: 11 }),
      activation: fc.constantFrom(...activations),
    })
    .map(({ height, columns, channels, drafts, hidden, units, classes, activation }) => {
      const layers: LayerOption[] = [{ kind: "image", height, width: columns, channels }];
      let [h, w] = [height, columns];
      for (const { kind, width: wide, size, stride, padding } of drafts) {
        if (kind === "conv2d") {
          const window = Math.min(size, Math.min(h, w) + 2 * padding);
          const around = Math.min(padding, window - 1);
          const fits = window <= Math.min(h, w) + 2 * around;
          const edgeOfWindow = fits ? window : 1;
          const pad = fits ? around : 0;
          layers.push({ kind, filters: Math.min(wide, width), size: edgeOfWindow, stride, padding: pad });
          h = Math.floor((h + 2 * pad - edgeOfWindow) / stride) + 1;
          w = Math.floor((w + 2 * pad - edgeOfWindow) / stride) + 1;
        } else if (kind === "maxpool") {
          const window = Math.min(size, h, w);
          layers.push({ kind, size: window, stride });
          [h, w] = [Math.floor((h - window) / stride) + 1, Math.floor((w - window) / stride) + 1];
        } else if (kind === "dropout") {
          layers.push({ kind, rate: wide / 20 });
        } else {
          layers.push({ kind, momentum: wide / 20, epsilon: 0.1 });
        }
      }
      if (hidden === "gru") layers.push({ kind: "gru", units });
      if (hidden === "dense" || hidden === "normalized") layers.push(units);
      if (hidden === "normalized") layers.push({ kind: "batchNorm", epsilon: 0.1 });
      return { layers: [...layers, classes], activation };
    });
}
