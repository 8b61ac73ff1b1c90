/**
 * At this many changes a commit begins, although more may arrive in the same turn of the event loop: under load a turn
 * takes long, and waiting changes take up memory.
 */
const FULL = 500;

/**
 * Collects the changes requested during one turn of the event loop, or while a commit is under way, to commit them
 * together: a durable commit costs far more than the changes in it.
 */
export class ChangeQueue<Change> {
  readonly #commit: (take: () => Change[]) => Promise<void>;
  #queue: Change[] = [];
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  /**
   * @param commit takes the waiting changes, in the order of the calls, once it can make them; it answers every one
   *   that it takes, and never throws. One commit ends before the next begins.
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

  /** Resolves when nothing is waiting any more. */
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

  /** Resolves at the end of this turn of the event loop, or once there is enough to commit. */
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
