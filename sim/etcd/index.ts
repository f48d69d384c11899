export { Etcd, type EtcdSettings, type WriteConflict } from "./etcd.ts";
