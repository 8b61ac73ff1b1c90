/** How many letters of an exception are shown. */
const MAX_LENGTH = 200;

/** `ValueError: ...`, `torch.OutOfMemoryError: ...`, `KeyboardInterrupt`, `java.io.IOException: ...`, `Error: ...` */
const NAMED =
  /^(?:Uncaught |Exception in thread "[^"]*" )?(?:[A-Za-z_]\w*\.)*(?:[A-Z]\w*)?(?:Error|Exception|Interrupt|Exit|Fault)(?: \[\w+\])?(?::.*)?$/;
/** What R, Julia, Rust, Go and many programs in C write: `Error in f(x) : ...`, `ERROR: ...`, `panic: ...`. */
const LABELLED =
  /^(?:Error in .*|(?:fatal error|fatal|error|panic|ERROR|FATAL|Error): .*|thread '.*' panicked at .*)$/;

/**
 * The line of a program's last words that names the exception that ended it: the last one such line. Undefined if none
 * does.
 *
 * @param output the last lines that the program printed
 */
export function exceptionLine(output: readonly string[]): string | undefined {
  const line = output.findLast((each) => NAMED.test(each.trimEnd()) || LABELLED.test(each.trimEnd()))?.trim();
  if (line === undefined) return undefined;
  return line.length <= MAX_LENGTH ? line : `${line.slice(0, MAX_LENGTH - 1)}…`;
}
