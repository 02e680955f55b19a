export { type CallOptions, type Client, type ClientOptions, createClient } from "./client.js";
export { StructuralError } from "./error.js";
export type * from "./gen/schema.js";
export * from "./operations.js";
export { propagateChange, type PropagateOptions, type PropagateRequest, type PropagateResult } from "./propagate.js";
