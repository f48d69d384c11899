/**
 * sweep-thread.ts as it is written, not compiled: a thread does not inherit the loader that translates
 * TypeScript. For tests and development; the package has the compiled one.
 */
import { register } from "tsx/esm/api";

register();
const { default: task } = await import("./sweep-thread.ts");
export default task;
