import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc: (options?: { readonly type: "minor" }) => void = runInNewContext("gc");

/**
 * Moves what lives into the old space, so that measured work does not pay for moving what was made
 * before it. Twice: an object moves when it has survived once.
 */
export function collectYoungGarbage(): void {
  gc({ type: "minor" });
  gc({ type: "minor" });
}

/** Collects all garbage. */
export function collectGarbage(): void {
  gc();
}
