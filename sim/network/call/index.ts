export { Call } from "./call.ts";
export type { Caller, CallerId, ServerBehaviour } from "./caller.ts";
export { type CallPolicy, ClientPool, Connection, Edge } from "./edge.ts";
export { ServerEnd } from "./server-end.ts";
