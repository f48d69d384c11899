export { createFlowControl, type FlowControlSettings } from "./create-flow-control.ts";
export type { FlowControl, FlowControlHost } from "./flow-control.ts";
