/** What commands that repeat a recorded run hand to it. */
import type { RepeatHooks } from "../bench/repeat/index.ts";
import { userCodeHooks } from "../library/surroundings/index.ts";
import type { CommandSurroundings } from "./command.ts";

export const repeatHooks = ({ terminal, version, signal }: CommandSurroundings): RepeatHooks => ({
  version,
  ...userCodeHooks(),
  notice: (text) => terminal.err(`${text}\n`),
  breathe: () => new Promise(setImmediate),
  signal,
});
