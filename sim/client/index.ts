export type {
  ApiCall,
  CallOptions,
  DeleteCollectionBody,
  DeleteOptions,
  DeletionPropagation,
  GetOptions,
  MetricSelection,
  MetricValue,
  NodeMetrics,
  PatchType,
  PodMetrics,
  ScaleBody,
  Selection,
} from "../apiserver/index.ts";
export { ApiClient, type CallbackId, ClientHub, type RateLimit } from "./api-client.ts";
export type { Delta, DeltaType, KnownObjects } from "./delta-fifo.ts";
export { EventRecorder } from "./event-recorder.ts";
export { Indexer, type IndexFunction } from "./indexer.ts";
export { InformerFactory, InformerHub, type InformerOptions } from "./informer-factory.ts";
export { LeaderElection } from "./leader-election.ts";
export { RateLimitingQueue } from "./rate-limiting-queue.ts";
export { type ResourceEventHandler, SharedInformer } from "./shared-informer.ts";
