/** The name of an object with its namespace, as kubectl's users write it. */
import { UsageError } from "./usage-error.ts";

/** `NAMESPACE/NAME`, or a name in the namespace default. */
export function podName(text: string, flag: string): { namespace: string; name: string } {
  const parts = text.split("/");
  const [namespace = "", name = ""] = parts.length === 1 ? ["default", parts[0]] : parts;
  if (parts.length <= 2 && namespace !== "" && name !== "") return { namespace, name };
  throw new UsageError(`${flag}: got "${text}", want NAMESPACE/NAME`);
}
