export { Etcd, type EtcdSettings, type WriteConflict } from "./etcd.ts";
export { Quorum, REQUEST_TIMED_OUT } from "./quorum.ts";
export { type SnapshotItem, undo } from "./snapshot.ts";
export { NO_SPACE } from "./space.ts";
