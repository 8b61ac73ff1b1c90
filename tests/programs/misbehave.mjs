// A training program that does one thing wrong, named by its first argument.
import { createConnection } from "node:net";
import { createInterface } from "node:readline";

const [, , fault] = process.argv;
const say = (metrics) => console.log(`curvewise ${JSON.stringify(metrics)}`);

async function overSocket(messages) {
  const socket = createConnection(process.env.CURVEWISE_SOCKET);
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  for (const message of messages) {
    socket.write(`${message}\n`);
    console.log(`answered ${(await answers.next()).value}`);
  }
  socket.end();
}

const faults = {
  "exit-at-once": () => {
    console.error("cannot find the data");
    process.exitCode = 3;
  },
  "say-nothing": () => console.log("hello"),
  "endless-line": async () => {
    const chunk = Buffer.alloc(1 << 20, "x");
    for (let written = 0; written < 100; written++) {
      if (!process.stdout.write(chunk)) await new Promise((drained) => process.stdout.once("drain", drained));
    }
    console.log("");
    say({ step: 1, loss: 0.5 });
  },
  nan: () => {
    console.log('curvewise {"step":1,"loss":0.5}');
    console.log('curvewise {"step":2,"loss":NaN}');
  },
  twice: () => {
    for (const step of [1, 2, 2, 3]) say({ step, loss: 1 / step });
  },
  backwards: () => {
    for (const step of [1, 3, 2, 4]) say({ step, loss: 1 / step });
  },
  "wrong-metric": () => say({ step: 1, lost: 0.5 }),
  "invalid-json": () =>
    overSocket([
      '{"report":{"step":1,"metrics":{"loss":',
      "not json at all",
      '{"report":{"step":"one","metrics":{"loss":1}}}',
      '{"report":{"step":1,"metrics":{"loss":0.5}}}',
    ]),
};

await faults[fault]();
