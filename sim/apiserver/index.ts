export {
  ApiCall,
  type ApiCallInit,
  type BindingBody,
  type DeleteOptions,
  type ListItem,
  type RequestBody,
  type Selection,
  type Subresource,
  type Verb,
  type WatchBody,
} from "./api-call.ts";
export { ApiServer, type ApiServerSettings } from "./apiserver.ts";
export type { WatchEnd, WatchNotice } from "./watch-hub.ts";
