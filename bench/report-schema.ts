/** The part of the experiment file's schema that is about what is reported, and of how much of a run. */
import { z } from "zod";
import { reportFiles, warmupSeries } from "../reports/index.ts";
import { choice, duration, fields, list, share, text, whole } from "./schema-parts.ts";
import { DURATION_WANTED, isDuration } from "./setting-checks.ts";

const INTERVALS_WANTED = "an even number of intervals, 2 or more";

export const outputs = fields({
  directory: text("the path of a folder").optional(),
  files: list(choice(reportFiles), "a list of files")
    .min(1, { error: "at least one file" })
    .optional(),
  utilizationInterval: duration.optional(),
  nodeRows: whole(1, "a whole number of rows, 1 or more").optional(),
  nodeIntervals: whole(2, INTERVALS_WANTED).multipleOf(2, { error: INTERVALS_WANTED }).optional(),
  traceSample: share.optional(),
  traceLimit: whole(0, "a whole number of trees, 0 or more").optional(),
});

const WARMUP_WANTED = `none, mser-5, or ${DURATION_WANTED}`;

export const analysis = fields({
  warmup: z
    .string({ error: WARMUP_WANTED })
    .refine((value) => value === "none" || value === "mser-5" || isDuration(value), {
      error: WARMUP_WANTED,
    })
    .optional(),
  of: choice(warmupSeries).optional(),
});
