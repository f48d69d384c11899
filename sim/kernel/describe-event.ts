/** Printing of events, for people who debug. */
import type { SimEvent } from "./sim-event.ts";

/** `1500us #12 kubelet/start(3, Pod default/web-0) background cancelled`. */
export function describeEvent(event: SimEvent, handlerName: string): string {
  const given = event.b === undefined ? [event.a] : [event.a, event.b];
  const shown = event.a === undefined && event.b === undefined ? [] : given.map(describeValue);
  const marks = `${event.background ? " background" : ""}${event.cancelled ? " not due" : ""}`;
  return `${event.timeUs}us #${event.seq} ${handlerName}(${shown.join(", ")})${marks}`;
}

/** Primitives as they are; objects by class and the first name they have. */
function describeValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.length}]`;
  const className = (value.constructor as { name?: string } | undefined)?.name ?? "object";
  const fields = value as Readonly<Record<string, unknown>>;
  const metadata = (fields["metadata"] ?? {}) as Readonly<Record<string, unknown>>;
  const name = [fields["key"], fields["name"], metadata["name"], fields["id"]].find(
    (candidate) => typeof candidate === "string" || typeof candidate === "number",
  );
  return name === undefined ? className : `${className} ${name}`;
}
