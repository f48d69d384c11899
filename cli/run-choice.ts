/** Which recorded run the flags mean. */
import type { RepeatQuery } from "../bench/repeat/index.ts";

interface RunFlags {
  readonly policy?: string | undefined;
  readonly seed?: string | undefined;
  readonly workload?: string | undefined;
  readonly cluster?: string | undefined;
  readonly param?: readonly (string | number)[] | undefined;
  readonly inputs?: string | undefined;
}

export const runChoice = (
  run: string,
  { policy, seed, workload, cluster, param, inputs }: RunFlags,
  workingDirectory: string,
): RepeatQuery => ({
  run,
  policy,
  seed,
  workload,
  cluster,
  param: param?.map(String),
  inputs,
  workingDirectory,
});
