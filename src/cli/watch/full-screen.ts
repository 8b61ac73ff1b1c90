import { constants } from "node:os";
import { emitKeypressEvents } from "node:readline";

/** What a terminal is told. */
const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J";
const LEAVE = "\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l";
/** Terminals that know these show everything between them at once; others ignore them. */
const BEGIN = "\u001b[?2026h";
const END = "\u001b[?2026l";

/** A terminal that a program has for itself, until it gives it back as it was. */
export interface FullScreen {
  /** Where there is room now. */
  size(): { readonly columns: number; readonly rows: number };
  /** Shows these lines, from the top; only what differs from what is there is written. */
  draw(lines: readonly string[]): void;
  /** Gives the terminal back. Does nothing the second time. */
  close(): void;
  /** Fires when this process is told to end, or its terminal is gone; its reason is the exit code. */
  readonly ended: AbortSignal;
}

/** What a screen tells. */
export interface ScreenEvents {
  /** @param key a letter, or a name: `up`, `enter`, `escape`, `ctrl-c` */
  onKey(key: string): void;
  /** The size has changed, or another program has used the terminal in between: it is empty. */
  onBlank(): void;
}

interface Keypress {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

/** The name of a key, see {@link ScreenEvents.onKey}. */
function keyName(text: string | undefined, { name, ctrl = false }: Keypress): string | undefined {
  if (ctrl) return name === undefined ? undefined : `ctrl-${name}`;
  if (name === "return" || name === "enter") return "enter";
  if (name === "space") return "space";
  if (text !== undefined && text.length === 1 && text > " " && text <= "~") return text;
  return name;
}

/** Milliseconds after which a process that asked to be stopped, and is not, goes on. */
const NOT_STOPPED = 100;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Takes the terminal of standard output: its alternate screen, without a cursor, every key at once. Whatever ends this
 * process, an exception or a signal, the terminal is given back first.
 */
export function openFullScreen({ onKey, onBlank }: ScreenEvents): FullScreen {
  const { stdin, stdout } = process;
  const ending = new AbortController();
  let shown: readonly string[] = [];
  let isOpen = false;
  let isClosed = false;
  /** The terminal is gone: nothing can be written to it. */
  let isGone = false;

  const write = (text: string): void => {
    if (!isGone) stdout.write(text);
  };
  const enter = (): void => {
    isOpen = true;
    shown = [];
    write(ENTER);
    if (stdin.isTTY) stdin.setRawMode(true).resume();
  };
  const leave = (): void => {
    if (!isOpen) return;
    isOpen = false;
    write(LEAVE);
    if (stdin.isTTY && !isGone) stdin.setRawMode(false).pause();
  };
  const goOn = (): void => {
    if (isOpen || isClosed) return;
    enter();
    onBlank();
  };
  const suspend = (): void => {
    leave();
    process.once("SIGCONT", goOn);
    process.kill(process.pid, "SIGTSTP");
    // Without a shell that could let it go on, a process is not stopped.
    setTimeout(goOn, NOT_STOPPED);
  };
  const onKeypress = (text: string | undefined, key: Keypress): void => {
    const name = keyName(text, key);
    if (name === "ctrl-z" && process.platform !== "win32") suspend();
    else if (name !== undefined) onKey(name);
  };
  const onResize = (): void => {
    shown = [];
    write("\u001b[2J");
    onBlank();
  };
  const listeners = SIGNALS.map((signal) => {
    const listener = (): void => {
      isGone ||= signal === "SIGHUP";
      ending.abort(128 + constants.signals[signal]);
    };
    process.on(signal, listener);
    return [signal, listener] as const;
  });
  const onGone = (): void => {
    isGone = true;
    ending.abort(128 + constants.signals.SIGHUP);
  };

  process.on("exit", leave);
  // Before the one that reports the error, which would be lost with the screen.
  process.prependListener("uncaughtException", leave);
  stdout.prependListener("error", onGone);
  stdout.on("resize", onResize);
  if (stdin.isTTY) {
    emitKeypressEvents(stdin);
    stdin.on("keypress", onKeypress).on("end", onGone).on("error", onGone);
  }
  enter();
  return {
    size: () => ({
      columns: stdout.columns > 0 ? stdout.columns : 80,
      rows: stdout.rows > 0 ? stdout.rows : 24,
    }),
    draw: (lines) => {
      if (!isOpen) return;
      const changes = lines.flatMap((line, row) =>
        line === shown[row] ? [] : [`\u001b[${row + 1};1H\u001b[2K${line}`],
      );
      shown = [...lines];
      if (changes.length > 0) write(`${BEGIN}${changes.join("")}${END}`);
    },
    close: () => {
      isClosed = true;
      leave();
      for (const [signal, listener] of listeners) process.off(signal, listener);
      process.off("exit", leave).off("uncaughtException", leave);
      process.off("SIGCONT", goOn);
      stdout.off("error", onGone).off("resize", onResize);
      stdin.off("keypress", onKeypress).off("end", onGone).off("error", onGone);
    },
    ended: ending.signal,
  };
}
