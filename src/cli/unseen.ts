/*
 * What a terminal acts on instead of showing it: control characters, and the marks that turn the direction of text, by
 * which a line can read differently from what it says (Boucher and Anderson, "Trojan Source", USENIX Security 2023).
 */
const UNSEEN = String.raw`[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]`;

const EVERY_UNSEEN = new RegExp(String.raw`(?!\n)${UNSEEN}`, "gu");
/** The only escape sequences that this program writes itself set colours and the like. */
const FOREIGN_UNSEEN = new RegExp(String.raw`(\u001b\[[\d;]*m)|(?![\n\t])${UNSEEN}`, "gu");

/** Text from outside without anything that a terminal would act on; each such character becomes a space. */
export const withoutControls = (text: string): string => text.replace(EVERY_UNSEEN, " ");

/** The same for text that has this program's own colours. */
export const withoutForeignControls = (text: string): string =>
  text.replace(FOREIGN_UNSEEN, (_, colour: string | undefined) => colour ?? " ");

/** JSON that means the same, with such characters written as escapes. */
export const escapedJson = (json: string): string =>
  json.replace(EVERY_UNSEEN, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
