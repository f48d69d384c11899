/** What the experiment file's schemas are made of: see experiment-schema.ts for how messages work. */
import { z } from "zod";
import { DURATION_WANTED, distributionFault, isDuration } from "./setting-checks.ts";

/** Separates the known names in the message of an unknown field. */
export const KNOWN_SEPARATOR = ", ";

export const fields = <Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> => {
  const known = Object.keys(shape).join(KNOWN_SEPARATOR);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? known : `fields, out of: ${known}`),
  });
};

export const text = (wanted: string) => z.string({ error: wanted }).min(1, { error: wanted });
export const whole = (min: number, wanted: string) =>
  z.number({ error: wanted }).int({ error: wanted }).min(min, { error: wanted });
export const positive = (wanted: string) => z.number({ error: wanted }).positive({ error: wanted });
export const flag = z.boolean({ error: "true or false" });
export const list = <Item extends z.ZodType>(item: Item, wanted: string) =>
  z.array(item, { error: wanted });
export const choice = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, { error: `one of ${names.join(", ")}` });

export const duration = z
  .string({ error: DURATION_WANTED })
  .refine((value) => isDuration(value), { error: DURATION_WANTED });
/** Text that `faultOf` has whole sentences about. */
export const judged = (wanted: string, faultOf: (text: string) => string | undefined) =>
  text(wanted).superRefine((value, context) => {
    const fault = value === "" ? undefined : faultOf(value);
    if (fault !== undefined)
      context.addIssue({ code: "custom", message: fault, params: { whole: true } });
  });
export const distribution = judged(
  "a duration, or a distribution such as lognormal(p50=2s, p99=8s)",
  distributionFault,
);

/** A share of requests, 0 to 1. */
const SHARE_WANTED = "a share, 0 to 1";
export const share = z
  .number({ error: SHARE_WANTED })
  .min(0, { error: SHARE_WANTED })
  .max(1, { error: SHARE_WANTED });
