export type { FailedRequests } from "./failed-requests.ts";
export { NamesRecorder, nameColumns } from "./names-recorder.ts";
export { ProxiesRecorder, proxyColumns } from "./proxies-recorder.ts";
export { type RequestSinks, RequestsRecorder } from "./requests-recorder.ts";
export { endpointColumns, requestColumns, serviceColumns } from "./service-rows.ts";
export {
  defaultTraceOptions,
  type TraceOptions,
  TracesRecorder,
  traceColumns,
} from "./traces-recorder.ts";
