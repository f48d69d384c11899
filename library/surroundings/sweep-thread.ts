/** What a thread of a sweep does: runs the runs that it is handed. */
import { parentPort } from "node:worker_threads";
import { workerTask } from "../../bench/sweep/index.ts";
import { packageVersion } from "./package-version.ts";
import { userCodeHooks } from "./user-code-hooks.ts";

export default workerTask(
  {
    version: packageVersion(),
    ...userCodeHooks(),
    breathe: () => new Promise(setImmediate),
  },
  (message) => parentPort?.postMessage(message),
);
