export { admissionPluginNames } from "./admission/index.ts";
export {
  type AggregatedAnswer,
  AggregatedApis,
  type AggregatedProvider,
  type MetricSelection,
  type MetricValue,
  type NodeMetrics,
  type PodMetrics,
} from "./aggregated-apis.ts";
export {
  ApiCall,
  type ApiCallInit,
  type BindingBody,
  type CallOptions,
  type DeleteCollectionBody,
  type DeleteOptions,
  type DeletionPropagation,
  type EvictionBody,
  type GetOptions,
  type ListItem,
  type ListOptions,
  type ListPage,
  type PatchType,
  type RequestBody,
  type ScaleBody,
  type Selection,
  type Subresource,
  type Verb,
  type WatchBody,
} from "./api-call.ts";
export { ApiServer, type ApiServerSettings } from "./apiserver.ts";
export type { WatchEnd, WatchNotice } from "./watch-hub.ts";
