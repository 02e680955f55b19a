import { call, type CallOptions, type Client, versionOf } from "./client.js";
import type { PropagateRequest as AnyPropagateRequest, PropagateResponse } from "./gen/schema.js";

type Of<Format extends AnyPropagateRequest["format"], Named extends keyof AnyPropagateRequest> = Pick<
  AnyPropagateRequest,
  "entity_type" | "data" | "dry_run"
> & { format: Format } & Required<Pick<AnyPropagateRequest, Named>> & {
    [Other in Exclude<"canonical_id" | "platform" | "platform_id", Named>]?: never;
  };

/** A change: of an object in canonical fields, or of a platform's record in that platform's own. */
export type PropagateRequest = Of<"canonical", "canonical_id"> | Of<"platform", "platform" | "platform_id">;

export interface PropagateOptions extends CallOptions {
  /** The `version` that the object must still have; else the change is refused with 412. */
  ifMatch?: number | undefined;
  /** By which the server knows a repeated request. Default: a new one for each call, which its retries share. */
  idempotencyKey?: string | undefined;
}

export type PropagateResult = PropagateResponse["data"] & {
  /** Of the object after the change; of a dry run, the present one. */
  version: number;
  /** The change was made before, by another request with the same idempotency key. */
  replayed: boolean;
};

/** Changes an object and its record on every platform. At most 300 a minute for each customer. */
export async function propagateChange(
  client: Client,
  request: PropagateRequest,
  { ifMatch, idempotencyKey = randomKey(), ...options }: PropagateOptions = {},
): Promise<PropagateResult> {
  const { body, headers } = await call(
    client,
    "post",
    "/propagate",
    { body: request, headers: { "Idempotency-Key": idempotencyKey, "If-Match": ifMatch === undefined ? undefined : `"${ifMatch}"` } },
    options,
  );
  return {
    ...body.data,
    version: versionOf(headers),
    replayed: headers.has("Idempotent-Replayed"),
  };
}

/** 128 random bits. crypto.randomUUID would do, but pages without TLS don't have it. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
