export type { CallClient, CallEngine, EdgeSettings, ServiceBehaviour } from "./call-engine.ts";
export { Calls, type CallsSettings } from "./calls.ts";
export { attemptHash } from "./endpoint-choice.ts";
export type { NameResolver } from "./name-resolver.ts";
