export { type PerfettoOptions, PerfettoRecorder } from "./perfetto-recorder.ts";
