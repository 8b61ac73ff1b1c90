import { createGatherer, type Finding, shownText } from "../findings.js";
import { NUMBER } from "../metric-values.js";
import { BEFORE, type Format, numberIn } from "./format.js";

const DIGITS_TRAIN = new RegExp(String.raw`\bTrain Epoch: (\d+) \[[^\]]*\]\s+Loss: (${NUMBER})`);
const DIGITS_TEST = new RegExp(String.raw`\bTest set: Average loss: (${NUMBER}), Accuracy: (\d+)/(\d+)`);
const IMAGENET = new RegExp(String.raw`${BEFORE}(Epoch: \[(\d+)\]|Test: )\[\s*\d+/\d+\](.*)$`);
const IMAGENET_RESULT = /^\s*\* {1,}(?=\S+\s+\d)(.*)$/;
/** `Loss 6.9e+00 (7.0e+00)`: a batch's value, and the average so far. */
const METER = new RegExp(String.raw`(\S+)\s+${NUMBER}\s*\(\s*(${NUMBER})\s*\)`, "g");
const WORD = new RegExp(String.raw`(\S+)\s+(${NUMBER})(?=\s|$)`, "g");
/** Meters of seconds. */
const TIMES: ReadonlySet<string> = new Set(["Time", "Data"]);

/**
 * PyTorch's examples. `mnist`: `Train Epoch: 1 [640/60000 (1%)] Loss: 1.38` (`Loss`, the last of the epoch), and `Test
 * set: Average loss: 0.0466, Accuracy: 9841/10000 (98%)` (`Average loss`; `Accuracy` in percent: 98.41). `imagenet`: the
 * averages of the last `Epoch: [0][ 10/100]` line (`train Loss`, `train Acc@1`) and of the last `Test: [ 10/100]` line
 * (`Loss`), and the result ` * Acc@1 12.340 Acc@5 30.100`; its epochs count from 0. A report is passed on once the test
 * is done, or when the next epoch begins.
 *
 * Source: pytorch/examples, mnist/main.py and imagenet/main.py.
 */
export const pytorchExamples: Format = {
  from: "stdout",
  firstStep: 1,
  create: () => {
    const gatherer = createGatherer();
    const digits = (text: string): Finding[] | undefined => {
      const [, epoch, trained] = DIGITS_TRAIN.exec(text) ?? [];
      const step = numberIn(epoch);
      if (step !== undefined) {
        const findings = gatherer.begin(step);
        gatherer.set("Loss", numberIn(trained));
        return findings;
      }
      const [, loss, correct, total] = DIGITS_TEST.exec(text) ?? [];
      if (loss === undefined) return undefined;
      gatherer.set("Average loss", numberIn(loss));
      if (Number(total) > 0) gatherer.set("Accuracy", (100 * Number(correct)) / Number(total));
      return gatherer.finish();
    };
    const images = (text: string): Finding[] => {
      const [, kind, epoch, meters = ""] = IMAGENET.exec(text) ?? [];
      if (kind !== undefined) {
        const step = numberIn(epoch);
        const findings = step === undefined ? [] : gatherer.begin(step + 1);
        for (const [, name = "", average] of meters.matchAll(METER)) {
          if (TIMES.has(name)) continue;
          gatherer.set(step === undefined ? name : `train ${name}`, numberIn(average));
        }
        return findings;
      }
      const result = IMAGENET_RESULT.exec(text)?.[1];
      if (result === undefined) return [];
      for (const [, name = "", value] of result.matchAll(WORD)) gatherer.set(name, numberIn(value));
      return gatherer.finish();
    };
    const read = (line: string): Finding[] => {
      const text = shownText(line);
      return digits(text) ?? images(text);
    };
    return { read, end: gatherer.finish };
  },
};
