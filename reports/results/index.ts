export type { TextRow } from "./csv-rows.ts";
export { openResults } from "./open-results.ts";
export type { FailedRun, ResultRun, Results } from "./results.ts";
export { openStudyFolder } from "./study-folder.ts";
export {
  isStudyFolder,
  readStudyRecord,
  STUDY_FILE,
  type StudyRun,
  studyJson,
} from "./study-record.ts";
export { compareResults, writeStudyFiles } from "./write-study-files.ts";
