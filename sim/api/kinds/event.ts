/** Event of the core API. Source: pkg/apis/core/validation/events.go of v1.30 (legacy validation). */
import { invalid } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../object-meta.ts";
import type { Event } from "../objects.ts";
import { since } from "../printer-text.ts";

const FIELDS = [
  "type",
  "reason",
  "message",
  "source",
  "firstTimestamp",
  "lastTimestamp",
  "count",
  "eventTime",
  "series",
  "action",
  "related",
  "reportingComponent",
  "reportingInstance",
] as const;

export const eventKind: Kind<Event> = {
  kind: "Event",
  apiVersion: "v1",
  resource: "events",
  namespaced: true,
  fields: ["involvedObject", ...FIELDS],
  fieldTypes: {
    Event:
      "apiVersion kind metadata:ObjectMeta involvedObject:ObjectReference type reason message source:EventSource firstTimestamp lastTimestamp count:int eventTime series:any action related:ObjectReference reportingComponent reportingInstance",
    EventSource: "component host",
  },

  defaults(given) {
    const event: Record<string, unknown> = {
      apiVersion: "v1",
      kind: "Event",
      metadata: given.metadata,
      involvedObject: given["involvedObject"] ?? {},
    };
    for (const field of FIELDS) {
      const value = given[field];
      if (value !== undefined) event[field] = value;
    }
    return event as unknown as Event;
  },

  validate({ metadata, involvedObject }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    // Events about what has no namespace (nodes) live in "default".
    const namespace = involvedObject.namespace ?? "";
    const wanted = namespace === "" ? "default" : namespace;
    if (
      metadata.namespace !== wanted &&
      !(namespace === "" && metadata.namespace === "kube-system")
    ) {
      const detail = "does not match event.namespace";
      errors.push(invalid("involvedObject.namespace", namespace, detail));
    }
    return errors;
  },

  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(object, old, errors);
    return errors;
  },

  printerColumns: [
    { name: "LAST SEEN", value: ({ lastTimestamp }, nowUs) => since(lastTimestamp, nowUs) },
    { name: "TYPE", value: ({ type }) => type ?? "" },
    { name: "REASON", value: ({ reason }) => reason ?? "" },
    {
      name: "OBJECT",
      value: ({ involvedObject: { kind, name } }) => `${(kind ?? "").toLowerCase()}/${name ?? ""}`,
    },
    { name: "MESSAGE", value: ({ message }) => message ?? "" },
  ],
};
