/** `stowage report`. */
import type { InferredOptionTypes, Options } from "yargs";
import { defineCommand } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { OUTPUT, outOption, quietOption } from "../shared-options.ts";

const SHOWN = "Shown:";

const reportOptions = {
  figure: {
    group: SHOWN,
    type: "string",
    array: true,
    nargs: 1,
    requiresArg: true,
    describe: "Only this figure, by its name in the report; may be given again",
    defaultDescription: "all, and the page",
  },
  scenario: {
    group: SHOWN,
    type: "string",
    array: true,
    nargs: 1,
    requiresArg: true,
    describe: "Draw this scenario, by its name in the report; may be given again",
    defaultDescription: "as many as the page has room for",
  },
  out: {
    ...outOption,
    describe: "Folder for index.html and figures/; made if missing",
    defaultDescription: "RESULTS/report",
  },
  format: {
    group: OUTPUT,
    type: "string",
    array: true,
    nargs: 1,
    requiresArg: true,
    choices: ["html", "svg", "png", "csv"],
    describe: "Write only this kind of file; may be given again",
    defaultDescription: "all",
  },
  quiet: quietOption,
} as const satisfies Record<string, Options>;

export type ReportFlags = InferredOptionTypes<typeof reportOptions>;

export const report = defineCommand({
  name: "report",
  group: "Look at results:",
  summary: "Draw the results: one HTML page that works offline, figures as SVG, PNG and CSV",
  positionals: {
    results: {
      takes: "one",
      describe: "Output folder of a sweep, a comparison or a run (--out)",
      wanted: "the output folder of a sweep, a comparison or a run",
    },
  },
  options: reportOptions,
  examples: [
    "stowage report out",
    "stowage report out --figure ranking-makespan-s --format svg",
    "stowage report results --scenario openb --out report",
  ],
  async run({ positionals, flags }, surroundings) {
    const { reportCommand } = await import("../report-command.ts");
    await reportCommand(positionals.results, flags, surroundings);
    return ExitCode.ok;
  },
});
