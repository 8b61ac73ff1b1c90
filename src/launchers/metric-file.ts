import { type FileHandle, open } from "node:fs/promises";
import type { Finding, MetricReader } from "./findings.js";
import type { LineSplitter } from "./line-splitter.js";
import { findMatches, lookAtFile, noEntry, type Seen } from "./path-pattern.js";

/** How much is read at once. */
const CHUNK = 1 << 18;
/** How many bytes at both ends of what was read are compared, to notice a file that was written anew. */
const COMPARED = 256;

/** Reads a file of metrics while a program writes it. */
export interface FileFollower {
  /** Reads what has been added since. */
  poll(): Promise<Finding[]>;
  /** Reads the rest, including a last line without an end, once the program has ended. */
  end(): Promise<Finding[]>;
}

/** The bytes at both ends of what a file held. */
interface FormerEnds {
  readonly head: Buffer;
  readonly tail: Buffer;
}

/** What a followed file holds. */
export interface FollowedContent {
  readonly createReader: () => MetricReader;
  /** Makes lines of its bytes. */
  readonly createSplitter: () => LineSplitter;
  /** Whether its first line says what the others mean. */
  readonly hasHead: boolean;
}

async function bytesOf(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, from);
  return buffer.subarray(0, bytesRead);
}

/**
 * Follows a file that may not exist yet. What it held before counts only if it is written anew; a file that is written
 * anew, as where columns are added, is read from its beginning, and each step is passed on once.
 *
 * @param pattern an absolute path, in which `*` is anything within a name and a name `**` any number of folders; of
 *   several files that match, the one that was written last when the first of them changes
 */
export async function followFile(
  pattern: string,
  { createReader, createSplitter, hasHead }: FollowedContent,
): Promise<FileFollower> {
  const before = new Map((await findMatches(pattern)).map((match) => [match.path, match]));
  let path: string | undefined;
  let offset = 0;
  let head: Buffer = Buffer.alloc(0);
  let tail: Buffer = Buffer.alloc(0);
  let last: Seen | undefined;
  let splitter: LineSplitter;
  let reader: MetricReader;
  let passed = Number.NEGATIVE_INFINITY;
  const told = new Set<string>();

  const restart = (): void => {
    offset = 0;
    head = Buffer.alloc(0);
    tail = Buffer.alloc(0);
    splitter = createSplitter();
    reader = createReader();
  };
  restart();

  const remember = async (file: FileHandle): Promise<void> => {
    head = await bytesOf(file, 0, Math.min(COMPARED, offset));
    const length = Math.min(COMPARED, offset);
    tail = await bytesOf(file, offset - length, length);
  };

  const isWrittenAnew = async (file: FileHandle): Promise<boolean> => {
    const start = await bytesOf(file, 0, head.length);
    const end = await bytesOf(file, offset - tail.length, tail.length);
    return !start.equals(head) || !end.equals(tail);
  };

  /** Each step once, although a file that was written anew has all of them again. */
  const fresh = (findings: readonly Finding[]): Finding[] =>
    findings.filter((finding) => {
      if (finding.kind === "report") {
        const isNew = finding.step > passed;
        if (isNew) passed = finding.step;
        return isNew;
      }
      const { message } = finding.note;
      const isNew = !told.has(message);
      told.add(message);
      return isNew;
    });

  const readLines = (lines: readonly { readonly text: string }[]): Finding[] =>
    fresh(lines.flatMap(({ text }) => (text.trim() === "" ? [] : reader.read(text.replace(/\r$/, "")))));

  /** The newest of the files that the program has written to. */
  const choose = async (): Promise<string | undefined> => {
    const changed = (await findMatches(pattern)).filter(({ path: name, size, time }) => {
      const former = before.get(name);
      return former === undefined || former.size !== size || former.time !== time;
    });
    return changed.sort((a, b) => b.time - a.time)[0]?.path;
  };

  /** Passes over what the file held before the program began; where that has changed, it was written anew. */
  const skipFormer = async (file: FileHandle, former: Seen, heads: FormerEnds): Promise<void> => {
    offset = former.size;
    ({ head, tail } = heads);
    if (await isWrittenAnew(file)) {
      restart();
      return;
    }
    if (!hasHead) return;
    // The head of a table says what the columns of the new rows are.
    const firstLines = createSplitter();
    const [first] = firstLines.push(await bytesOf(file, 0, Math.min(offset, CHUNK)));
    if (first !== undefined) reader.read(first.text.replace(/\r$/, ""));
  };

  const ends = new Map<string, FormerEnds>();
  for (const [name, { size }] of before) {
    const file = await open(name).catch(noEntry);
    if (file === undefined) continue;
    try {
      const length = Math.min(COMPARED, size);
      ends.set(name, {
        head: await bytesOf(file, 0, length),
        tail: await bytesOf(file, size - length, length),
      });
    } finally {
      await file.close();
    }
  }

  const poll = async (): Promise<Finding[]> => {
    const isFirst = path === undefined;
    path ??= await choose();
    if (path === undefined) return [];
    const now = await lookAtFile(path);
    if (now === undefined || (now.size === last?.size && now.time === last.time)) return [];
    const file = await open(path).catch(noEntry);
    if (file === undefined) return [];
    const findings: Finding[] = [];
    try {
      const former = isFirst ? before.get(path) : undefined;
      const formerEnds = ends.get(path);
      if (former !== undefined && formerEnds !== undefined && now.size >= former.size) {
        await skipFormer(file, former, formerEnds);
      } else if (now.size < offset || (await isWrittenAnew(file))) restart();
      for (;;) {
        const bytes = await bytesOf(file, offset, CHUNK);
        if (bytes.length === 0) break;
        offset += bytes.length;
        findings.push(...readLines(splitter.push(bytes)));
      }
      await remember(file);
      last = now;
    } finally {
      await file.close();
    }
    return findings;
  };

  return {
    poll,
    end: async () => {
      const rest = await poll();
      return [...rest, ...readLines(splitter.end()), ...fresh(reader.end())];
    },
  };
}
