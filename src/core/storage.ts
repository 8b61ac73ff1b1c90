import type { StudyEvent } from "./events.js";
import type { PendingRequest, StudyRequest } from "./request.js";
import type { StudyDefinition } from "./study-definition.js";

/** The process that holds a study, described so that a person (or the next process) can find it. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Distinguishes this process from an earlier one with the same pid: its start time, as the system writes it. */
  readonly started: string;
}

/** The right to append to a study. The fence grows with every holder; only the newest holder's appends succeed. */
export interface Lease {
  readonly study: string;
  readonly fence: number;
  readonly holder: Holder;
}

/** What {@link Storage.acquire} needs besides the study's name. */
export interface LeaseRequest {
  readonly holder: Holder;
  /**
   * The current time by the caller's clock, in milliseconds since 1970. For leases, a storage that several hosts share
   * uses its own clock instead, because theirs may differ.
   */
  readonly now: number;
  /** Milliseconds until the lease expires unless it is renewed. */
  readonly duration: number;
  /** Whether an earlier holder is certainly gone, so that its lease need not expire first. */
  readonly isGone: (holder: Holder) => boolean;
  /**
   * Take the study only if it was given back, or its holder is certainly gone: a holder whose lease has expired may be
   * asleep, and goes on if nobody took the study meanwhile.
   */
  readonly onlyFree?: boolean;
}

/** A study as shown in a list. */
export interface StudySummary {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly events: number;
  /** Who holds it, if anyone has a lease that has not expired at the given time. */
  readonly holder: Holder | undefined;
}

/** A compact copy of a study's state, so that opening the study need not read the whole log. */
export interface StudyImage {
  /** How many events it covers. */
  readonly events: number;
  readonly body: string;
}

/** An event with its place in the log; the first is 1. */
export interface LoggedEvent {
  readonly sequence: number;
  readonly event: StudyEvent;
}

/** Which part of a log to read. */
export interface EventRange {
  /** Only events after this sequence number. */
  readonly after?: number;
  /** Only events of this trial. */
  readonly trial?: number;
}

/**
 * Where studies are kept, each as a log of events. Appends are atomic and durable when their promise resolves, in the
 * order of the calls; an implementation may commit many calls together.
 */
export interface Storage {
  /** For messages: `sqlite`. */
  readonly name: string;
  /** Its location for messages, such as the file's path. */
  readonly location: string;
  /** Whether a study opens faster from an image than from its log; if not, none is written. */
  readonly wantsImages: boolean;
  /**
   * Creates a study whose log begins with `study-created`.
   *
   * @throws CurvewiseError `STUDY_EXISTS`
   */
  createStudy(definition: StudyDefinition, now: number): Promise<void>;
  /** Every study, in the order of creation. */
  listStudies(now: number): Promise<StudySummary[]>;
  /**
   * Removes a study and everything that belongs to it. It is gone at one moment: if the process is killed, there is
   * either the whole study or none, and what is left behind is removed by whoever opens the storage next.
   *
   * @throws CurvewiseError `STUDY_NOT_FOUND`; `STUDY_OWNED` while it is held
   */
  deleteStudy(study: string, request: Pick<LeaseRequest, "now" | "isGone">): Promise<void>;
  /**
   * Takes a study for one coordinator.
   *
   * @throws CurvewiseError `STUDY_NOT_FOUND`; `STUDY_OWNED`, naming the holder, while another coordinator has it
   */
  acquire(study: string, request: LeaseRequest): Promise<Lease>;
  /** Extends a lease. @throws CurvewiseError `LEASE_LOST` when a newer holder has the study. */
  renew(lease: Lease, now: number, duration: number): Promise<void>;
  /** Gives a study back. Does nothing if the lease is already lost. */
  release(lease: Lease): Promise<void>;
  /**
   * Appends to the log, all or nothing.
   *
   * @param answered the number of a request that the events, of which there is at least one, carry out: with them, and
   *   at the same moment, that request and those before it are gone from the inbox
   * @throws CurvewiseError `LEASE_LOST`; `STORAGE_FULL`; `STORAGE_FAILED`
   */
  append(lease: Lease, events: readonly StudyEvent[], answered?: number): Promise<void>;
  /**
   * Puts a request into a study's inbox, from any process; who holds the study takes it from there. It is durable when
   * the promise resolves.
   *
   * @param now milliseconds since 1970
   * @returns its number, greater than those of all requests before it
   * @throws CurvewiseError `STUDY_NOT_FOUND`
   */
  addRequest(study: string, request: StudyRequest, now: number): Promise<number>;
  /**
   * The requests in a study's inbox, in the order of their numbers. It is cheap enough to ask for twice a second.
   *
   * @throws CurvewiseError `STUDY_NOT_FOUND`
   */
  listRequests(study: string): Promise<readonly PendingRequest[]>;
  /** Reads the log in order. @throws CurvewiseError `STUDY_NOT_FOUND`. */
  readEvents(study: string, range?: EventRange): AsyncIterable<LoggedEvent>;
  /** The newest image; undefined when there is none. */
  readImage(study: string): Promise<StudyImage | undefined>;
  /** Replaces the image. @throws CurvewiseError `LEASE_LOST`. */
  writeImage(lease: Lease, image: StudyImage): Promise<void>;
  /** Commits what is pending and releases all resources. Call it once. */
  close(): Promise<void>;
}
