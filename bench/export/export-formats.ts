/** The formats that a run can be exported in: a new one is a line of the table. */
import {
  OpenMetricsRecorder,
  PerfettoRecorder,
  type SchedulerMetricsOptions,
} from "../../reports/index.ts";
import type { Cluster } from "../../sim/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";

/** What a format is asked for; each takes what it knows. */
export interface FormatOptions {
  readonly sinceUs: Micros;
  readonly intervalUs: Micros | undefined;
  readonly requestShare: number;
  readonly perObject: boolean;
  readonly write: (text: string) => void;
}

export interface RunExporter {
  /** Before the first event. */
  attach(cluster: Cluster, scheduler: SchedulerMetricsOptions): void;
  /** Writes what is left. Once. */
  finish(endUs: Micros, about: Readonly<Record<string, string>>): void;
}

interface FormatEntry {
  /** Ending of the file's name. */
  readonly suffix: string;
  readonly create: (options: FormatOptions) => RunExporter;
}

const formats = {
  perfetto: { suffix: "trace.json", create: perfetto },
  openmetrics: { suffix: "metrics.txt", create: openMetrics },
} as const satisfies Record<string, FormatEntry>;

export type ExportFormat = keyof typeof formats;

export const exportFormat = (format: ExportFormat): FormatEntry => formats[format];

function perfetto({ requestShare, sinceUs, write }: FormatOptions): RunExporter {
  const recorder = new PerfettoRecorder({ requestShare, sinceUs, write });
  return {
    attach: ({ trace }) => recorder.attach(trace),
    finish: (endUs, about) => recorder.finish(endUs, about),
  };
}

function openMetrics({ intervalUs, perObject, sinceUs, write }: FormatOptions): RunExporter {
  let recorder: OpenMetricsRecorder | undefined;
  return {
    attach({ trace }, scheduler) {
      recorder = new OpenMetricsRecorder({ scheduler, intervalUs, perObject, sinceUs });
      recorder.attach(trace);
    },
    finish: (endUs) => recorder?.finish(endUs, write),
  };
}
