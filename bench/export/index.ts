export type { ExportFormat } from "./export-formats.ts";
export { type ExportedRun, type ExportQuery, exportRun } from "./export-run.ts";
