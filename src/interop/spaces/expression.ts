import type { Json } from "../../core/json.js";
import { type Place, refuseAt } from "./described-search.js";

/** A value without parts. */
export type Scalar = string | number | boolean | null;

/** A call as tools write distributions: `uniform(0, 1, discrete=True)`. */
export interface Call {
  readonly name: string;
  readonly args: readonly Argument[];
  readonly named: Readonly<Record<string, Argument>>;
}
/** An argument: a value, a list of arguments, a mapping with its keys' order, or a call. */
export type Argument =
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: "list"; readonly items: readonly Argument[] }
  | { readonly kind: "mapping"; readonly entries: readonly (readonly [Scalar, Argument])[] }
  | { readonly kind: "call"; readonly call: Call };

const TOKEN =
  /\s*(?:('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|([()[\]{},:=])|([^\s()[\]{},:='"][^()[\]{},:='"]*))/y;

interface Token {
  readonly kind: "quoted" | "sign" | "word";
  readonly text: string;
}

function tokensOf(text: string, place: Place): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null)
      return refuseAt(place, `is not understood at "${text.slice(at)}"`, "Check its quotes.");
    const [, quoted, sign, word] = match;
    if (quoted !== undefined)
      tokens.push({ kind: "quoted", text: quoted.slice(1, -1).replaceAll(/\\(.)/g, "$1") });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
    else tokens.push({ kind: "word", text: (word ?? "").trim() });
  }
  return tokens;
}

/** What a word means: a number, true or false, nothing, or itself. */
export function wordValue(word: string): Scalar {
  if (/^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return Number(word.replaceAll("_", ""));
  if (/^true$/i.test(word)) return true;
  if (/^false$/i.test(word)) return false;
  return /^(none|null)$/i.test(word) ? null : word;
}

/** How deep arguments may be in each other. */
const MOST_DEPTH = 100;

/** Reads arguments that are separated by commas, up to a closing sign or the end. */
class Reader {
  #next = 0;
  #depth = 0;
  readonly tokens: readonly Token[];
  readonly place: Place;
  constructor(tokens: readonly Token[], place: Place) {
    this.tokens = tokens;
    this.place = place;
  }
  get hasEnded(): boolean {
    return this.#next >= this.tokens.length;
  }
  isSign(sign: string, ahead = 0): boolean {
    const token = this.tokens[this.#next + ahead];
    return token?.kind === "sign" && token.text === sign;
  }
  take(): Token {
    const token = this.tokens[this.#next++];
    return token ?? refuseAt(this.place, "ends too early", "Check its brackets.");
  }
  skip(sign: string): void {
    const token = this.take();
    if (token.kind !== "sign" || token.text !== sign)
      refuseAt(
        this.place,
        `has "${token.text}" where "${sign}" was expected`,
        "Check its brackets and commas.",
      );
  }
  until<Item>(end: string | undefined, item: () => Item): Item[] {
    const items: Item[] = [];
    const isOver = (): boolean => (end === undefined ? this.hasEnded : this.isSign(end));
    while (!isOver()) {
      items.push(item());
      if (!isOver()) this.skip(",");
    }
    if (end !== undefined) this.skip(end);
    return items;
  }
  argument(): Argument {
    if (this.#depth === MOST_DEPTH)
      return refuseAt(
        this.place,
        `has more than ${MOST_DEPTH} brackets in each other`,
        "Check its brackets.",
      );
    this.#depth += 1;
    const argument = this.#anyArgument();
    this.#depth -= 1;
    return argument;
  }
  #anyArgument(): Argument {
    const token = this.take();
    if (token.kind === "quoted") return { kind: "value", value: token.text };
    if (token.kind === "word") {
      if (!this.isSign("(")) return { kind: "value", value: wordValue(token.text) };
      this.skip("(");
      return { kind: "call", call: this.call(token.text) };
    }
    if (token.text === "[") return { kind: "list", items: this.until("]", () => this.argument()) };
    if (token.text === "(") return { kind: "list", items: this.until(")", () => this.argument()) };
    if (token.text === "{") {
      const entries = this.until("}", (): readonly [Scalar, Argument] => {
        const key = this.take();
        this.skip(":");
        return [key.kind === "word" ? wordValue(key.text) : key.text, this.argument()];
      });
      return { kind: "mapping", entries };
    }
    return refuseAt(
      this.place,
      `has "${token.text}" where a value was expected`,
      "Check its brackets and commas.",
    );
  }
  call(name: string): Call {
    const args: Argument[] = [];
    const named: Record<string, Argument> = {};
    this.until(")", () => {
      if (this.isSign("=", 1)) {
        const key = this.take().text;
        this.skip("=");
        named[key] = this.argument();
      } else args.push(this.argument());
    });
    return { name, args, named };
  }
}

/** Reads arguments that are separated by commas: `1, 'a', choice(x, y)`. @throws CurvewiseError `IMPORT_UNSUPPORTED` */
export function readArguments(text: string, place: Place): Argument[] {
  const reader = new Reader(tokensOf(text, place), place);
  return reader.until(undefined, () => reader.argument());
}

/** The value of an argument without calls. */
export function plainValue(argument: Argument, place: Place): Json {
  switch (argument.kind) {
    case "value":
      return argument.value;
    case "list":
      return argument.items.map((each) => plainValue(each, place));
    case "mapping":
      return Object.fromEntries(
        argument.entries.map(([key, value]) => [String(key), plainValue(value, place)]),
      );
    case "call":
      return refuseAt(
        place,
        `has ${argument.call.name}(...) where a value was expected`,
        "Write the value itself.",
      );
  }
}

/** The number that an argument is. */
export function numberOf(argument: Argument | undefined, what: string, place: Place): number {
  if (argument?.kind === "value" && typeof argument.value === "number") return argument.value;
  return refuseAt(place, `has no number for ${what}`, "Give a number.");
}
