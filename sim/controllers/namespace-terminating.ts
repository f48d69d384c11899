/**
 * Whether a creation was refused because its namespace is being deleted: controllers then stop
 * trying (errors.HasStatusCause with NamespaceTerminatingCause; the cause is known by its message,
 * which the admission plugin NamespaceLifecycle of v1.30 words).
 */
import type { ApiCall } from "../client/index.ts";

export function isNamespaceTerminating({ code, message }: ApiCall): boolean {
  return code === 403 && message.includes("because it is being terminated");
}
