/**
 * So many changes are committed at once, although more may come in the same turn of the event loop: under load a turn
 * takes long, and what waits for an answer takes memory.
 */
const FULL = 500;

/**
 * Collects the changes asked for during one turn of the event loop, and those that arrive while a commit is under
 * way, to be committed together: a durable commit costs far more than the changes in it.
 */
export class ChangeQueue<Change> {
  readonly #commit: (take: () => Change[]) => Promise<void>;
  #queue: Change[] = [];
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  /**
   * @param commit takes the changes that wait, in the order of the calls, when it can make them; it answers every one
   *   that it took, and never throws. One commit ends before the next begins.
   */
  constructor(commit: (take: () => Change[]) => Promise<void>) {
    this.#commit = commit;
  }

  /** Queues a change for the next commit. */
  add(change: Change): void {
    this.#queue.push(change);
    if (this.#queue.length >= FULL) this.#wake?.();
    this.#running ??= this.#run();
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#moment();
      await this.#commit(() => this.#take());
    }
    this.#running = undefined;
  }

  /** Resolves at the end of this turn of the event loop, or when there is enough to commit. */
  async #moment(): Promise<void> {
    if (this.#queue.length >= FULL) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      setImmediate(resolve);
    });
    this.#wake = undefined;
  }

  #take(): Change[] {
    const queue = this.#queue;
    this.#queue = [];
    return queue;
  }
}
