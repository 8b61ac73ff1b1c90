import type { MessageOf, Reply, WorkerMessage } from "../messages.js";

type Body<Message> = Message extends unknown ? Omit<Message, "id"> : never;
/** A request as its asker makes it. */
export type RequestBody = Body<Exclude<WorkerMessage, MessageOf<"hello"> | MessageOf<"heartbeat">>>;

interface OpenRequest {
  readonly body: RequestBody;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests that have no answer yet, by their ids; each is answered once. */
export interface OpenRequests {
  /** The next id of a message, whatever its kind. */
  nextId(): number;
  readonly isAny: boolean;
  /** Adds a request; `onAdded` is called once it waits. */
  add(body: RequestBody, onAdded: (id: number) => void): Promise<Reply>;
  /** The messages of one request or of all, in the order in which they were made. */
  messages(id: number | "all"): readonly WorkerMessage[];
  /** An answer came; one to what nobody asks any more is let be. */
  answer(id: number, reply: Reply): void;
  /** Ends them all. */
  end(error: unknown): void;
}

/** Makes an empty list. */
export function createOpenRequests(): OpenRequests {
  const open = new Map<number, OpenRequest>();
  let lastId = 0;
  const nextId = (): number => {
    lastId += 1;
    return lastId;
  };
  return {
    nextId,
    get isAny() {
      return open.size > 0;
    },
    add: (body, onAdded) =>
      new Promise((resolve, reject) => {
        const id = nextId();
        open.set(id, { body, resolve, reject });
        onAdded(id);
      }),
    messages: (wanted) => {
      const ids = wanted === "all" ? [...open.keys()] : [wanted];
      return ids.flatMap((id) => {
        const request = open.get(id);
        return request === undefined ? [] : [{ id, ...request.body }];
      });
    },
    answer: (id, reply) => {
      open.get(id)?.resolve(reply);
      open.delete(id);
    },
    end: (error) => {
      for (const { reject } of open.values()) reject(error);
      open.clear();
    },
  };
}
