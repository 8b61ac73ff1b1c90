import { createGatherer, type Finding, shownText } from "../findings.js";
import { NUMBER } from "../metric-values.js";
import { BEFORE, type Format, numberIn } from "./format.js";

const EPOCH = new RegExp(String.raw`${BEFORE}Epoch (\d+)/(?:\d+|Unknown)\s*$`);
/** How far an epoch is: batches done, of how many. */
const PROGRESS = /(?:^|[\s:\]>|])(\d+)\/(\d+|Unknown)\b/;
const PAIR = new RegExp(String.raw`^\s*([^\s:][^:]*?):\s*(${NUMBER})\s*$`);

/**
 * `model.fit` of Keras, the bar (`verbose=1`) and the lines (`verbose=2`): `Epoch 2/30`, then
 * `10/10 - 1s - 20ms/step - accuracy: 0.6250 - loss: 1.2021 - val_loss: 1.0012`. What the bar says last counts, so a
 * report is passed on when the next epoch begins. A bar that starts again, has another length or lacks a metric is not
 * the epoch's but of an `evaluate` after it.
 *
 * Source: keras/src/utils/progbar.py.
 */
export const keras: Format = {
  from: "stdout",
  firstStep: 1,
  create: () => {
    const gatherer = createGatherer();
    let bar: { done: number; readonly total: string } | undefined;
    const read = (line: string): Finding[] => {
      const text = shownText(line);
      const epoch = numberIn(EPOCH.exec(text)?.[1]);
      if (epoch !== undefined) {
        bar = undefined;
        // Also where the same epoch begins again, as for a second `fit`.
        return [...gatherer.finish(), ...gatherer.begin(epoch)];
      }
      const [, done = "", total = ""] = (gatherer.isOpen && PROGRESS.exec(text)) || [];
      if (done === "") return [];
      const pairs = text.split(" - ").flatMap((part): [string, number][] => {
        const [, name = "", value] = PAIR.exec(part) ?? [];
        const number = numberIn(value);
        return number === undefined ? [] : [[name, number]];
      });
      if (pairs.length === 0) return [];
      const names = new Set(pairs.map(([name]) => name));
      const isOther =
        bar !== undefined &&
        (bar.total !== total ||
          Number(done) < bar.done ||
          [...gatherer.metrics.keys()].some((name) => !names.has(name)));
      if (isOther) return gatherer.finish();
      bar = { done: Number(done), total };
      for (const [name, value] of pairs) gatherer.set(name, value);
      return [];
    };
    return { read, end: gatherer.finish };
  },
};
