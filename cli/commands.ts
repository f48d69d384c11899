/** All commands, in the order in which help lists them within their group. */
import type { Command } from "./command.ts";
import { compare } from "./commands/compare.ts";
import { conformance } from "./commands/conformance.ts";
import { diff } from "./commands/diff.ts";
import { explain } from "./commands/explain.ts";
import { exportRun } from "./commands/export.ts";
import { plan } from "./commands/plan.ts";
import { report } from "./commands/report.ts";
import { run } from "./commands/run.ts";
import { sweep } from "./commands/sweep.ts";
import { timeline } from "./commands/timeline.ts";
import { worker } from "./commands/worker.ts";

export const commands: readonly Command[] = [
  run,
  compare,
  plan,
  sweep,
  worker,
  report,
  timeline,
  explain,
  diff,
  exportRun,
  conformance,
];
