export { Call } from "./call.ts";
export type { Caller, CallerId, ServerBehaviour } from "./caller.ts";
export { DatagramFlow } from "./datagram-flow.ts";
export { type CallPolicy, ClientPool, Connection, clientKey, Edge } from "./edge.ts";
export { ServerEnd } from "./server-end.ts";
