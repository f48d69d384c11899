export { isTaint } from "./edit.ts";
export { LAST_APPLIED_ANNOTATION } from "./last-applied.ts";
export type * from "./operation.ts";
export { type NodeRegistry, Users, type UsersSettings } from "./users.ts";
