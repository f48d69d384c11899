export { type ServiceAllocatorSettings, ServiceAllocators } from "./service-allocators.ts";
