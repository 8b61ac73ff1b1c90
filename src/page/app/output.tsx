import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { pathOf } from "../../views/answer-path.js";
import type { OutputView } from "../../views/contract.js";
import { useQuestion } from "./answers.js";
import { Awaited, Card, Empty } from "./parts.js";

/** The most characters that are shown: the end of them. */
const MOST = 200_000;
/** Milliseconds between two looks at what a running program prints. */
const INTERVAL = 2000;

/** What a trial's program printed, as it grows. */
export function Output(props: {
  readonly study: string;
  readonly trial: number;
  readonly isRunning: boolean;
}): JSX.Element {
  const { study, trial, isRunning } = props;
  const parts = ["studies", study, "trials", trial, "output"];
  const answer = useQuestion<OutputView>(pathOf(parts), async (source, signal, before) => {
    let shown = before;
    for (;;) {
      const from = shown?.next;
      const piece: OutputView = await source.json(pathOf(parts, { from }), signal);
      const text = (shown?.text ?? "") + piece.text;
      shown = { from: shown?.from ?? piece.from, next: piece.next, text: text.slice(-MOST) };
      // A long one comes in pieces, up to one that is empty.
      if (!source.isLive || piece.text === "" || piece.next === from) return shown;
    }
  });
  const place = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) answer.retry();
    }, INTERVAL);
    return () => clearInterval(timer);
  }, [isRunning, answer.retry]);
  useEffect(() => {
    const element = place.current;
    if (element !== null && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [answer.value]);
  return (
    <Card title="Output">
      <Awaited answer={answer}>
        {({ text }) =>
          text === "" ? (
            <Empty>It has printed nothing.</Empty>
          ) : (
            <pre
              ref={place}
              class="output"
              role="region"
              aria-label="What the program printed"
              tabIndex={0}
              onScroll={({ currentTarget }) => {
                const { scrollTop, scrollHeight, clientHeight } = currentTarget;
                isAtEnd.current = scrollTop + clientHeight > scrollHeight - 8;
              }}
            >
              {text}
            </pre>
          )
        }
      </Awaited>
    </Card>
  );
}
