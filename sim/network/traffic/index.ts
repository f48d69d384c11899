export type { ArrivalProcess } from "./arrival-process.ts";
export { parseArrivalProcess } from "./parse-arrivals.ts";
export { ProcessForm } from "./process-form.ts";
export { Traffic, type TrafficWiring } from "./traffic.ts";
export type { TrafficSettings } from "./traffic-settings.ts";
export { isEndless } from "./traffic-source.ts";
