import type { PendingRequest, StudyRequest } from "../core/request.js";

/** A request as stored in the tables. */
export interface RequestRow {
  readonly number: number;
  readonly made_at: number;
  readonly body: string;
}

/** A request as the port has it. */
export function pendingFrom({ number, made_at, body }: RequestRow): PendingRequest {
  const request: StudyRequest = JSON.parse(body);
  return { number, time: made_at, request };
}
