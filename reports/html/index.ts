export type { ReportFormat } from "./report-format.ts";
export {
  type ReportOptions,
  type ReportProgress,
  type WrittenReport,
  writeReport,
} from "./write-report.ts";
