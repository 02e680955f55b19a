import type { ErrorResponse, ErrorType } from "./gen/schema.js";

/** A response that is not a success. */
export class StructuralError extends Error {
  override readonly name = "StructuralError";

  /** @internal */
  constructor(
    /** HTTP status. */
    readonly status: number,
    /** A word of the API; empty when the response is not the API's, but that of a proxy before it. */
    readonly type: ErrorType,
    /** Says what is wrong, and where. */
    message: string,
    /** What to quote to support. */
    readonly requestId: string | undefined,
    /** Seconds to wait before the next request; undefined when the response does not say. */
    readonly retryAfter: number | undefined,
    /** The body of the response: its JSON, else its text. */
    readonly body: unknown,
  ) {
    super(message);
  }
}

/** Makes the error of a response whose text has been read. */
export function errorOf(response: Response, text: string): StructuralError {
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // Not the API's.
  }
  const error = (body as Partial<ErrorResponse> | null)?.error;
  return new StructuralError(
    response.status,
    error?.type ?? "",
    error?.message ?? `HTTP status ${response.status}`,
    response.headers.get("X-Request-ID") ?? undefined,
    retryAfter(response),
    body,
  );
}

/** Seconds of the Retry-After header. */
export function retryAfter(response: Response): number | undefined {
  const value = response.headers.get("Retry-After") ?? "";
  return /^\d+$/.test(value) ? Number(value) : undefined;
}
