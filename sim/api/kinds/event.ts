/** Event of the core API. Source: pkg/apis/core/validation/events.go of v1.30 (legacy validation). */
import { invalid, required } from "../field-error.ts";
import type { FieldError, Kind } from "../kind.ts";
import { qualifiedNameError } from "../name-format.ts";
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
      "apiVersion kind metadata:ObjectMeta involvedObject:ObjectReference type reason message source:EventSource firstTimestamp lastTimestamp count:int eventTime series:EventSeries action related:ObjectReference reportingComponent reportingInstance",
    EventSeries: "count:int lastObservedTime",
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

  validate(event) {
    const { metadata, involvedObject } = event;
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { namespaced: true }, errors);
    const { namespace = "" } = involvedObject;
    const isNew = event.eventTime !== undefined;
    // Events about what has no namespace (nodes) live in "default".
    const isThere =
      namespace === ""
        ? metadata.namespace === "default" || (isNew && metadata.namespace === "kube-system")
        : metadata.namespace === namespace || isNew;
    if (!isThere) {
      const detail = "does not match event.namespace";
      errors.push(invalid("involvedObject.namespace", namespace, detail));
    }
    if (isNew) validateSource(event, errors);
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

const TEXT_MAX = 128;
const MESSAGE_MAX = 1024;

/** Who says what, which events with an eventTime must tell. */
function validateSource(event: Event, errors: FieldError[]): void {
  const { reportingComponent = "", message = "" } = event;
  if (reportingComponent === "") errors.push(required("reportingComponent"));
  const error = qualifiedNameError(reportingComponent);
  if (error !== "") errors.push(invalid("reportingComponent", reportingComponent, error));
  for (const field of ["reportingInstance", "action", "reason"] as const) {
    const text = event[field] ?? "";
    if (text === "") errors.push(required(field));
    else if (text.length > TEXT_MAX) errors.push(tooManyCharacters(field, TEXT_MAX));
  }
  if (message.length > MESSAGE_MAX) errors.push(tooManyCharacters("message", MESSAGE_MAX));
}

function tooManyCharacters(path: string, max: number): FieldError {
  return invalid(path, "", `can have at most ${max} characters`);
}
