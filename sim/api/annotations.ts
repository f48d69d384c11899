/**
 * The annotations by which a manifest tells the simulator what a real cluster would find out by
 * itself. They sit on pods, or on pod templates, and travel with the object through the API.
 *
 * What tells how a program behaves may be a list, `5s,5s,never`: one entry for each time that the
 * container is started, the last one for all further times. `stowage.dev/duration.NAME` is for the
 * container NAME alone, and the only form that is heard for init containers.
 */
import { type Micros, parseDuration } from "../kernel/index.ts";

/** How long the pod's containers run once started, e.g. `90s`. Absent: until the pod is deleted. */
export const DURATION_ANNOTATION = "stowage.dev/duration";

/** Size of each of the pod's images in bytes, a whole number. Absent: the kubelet's default size. */
export const IMAGE_BYTES_ANNOTATION = "stowage.dev/image-bytes";

/** Exit code of the pod's containers when they end by themselves. Absent: 0. */
export const EXIT_CODE_ANNOTATION = "stowage.dev/exit-code";

/** From a container's start until its program answers probes. Absent: at once. */
export const READY_AFTER_ANNOTATION = "stowage.dev/ready-after";

/** From a container's start until its readiness probe begins to fail. Absent: never. */
export const UNREADY_AT_ANNOTATION = "stowage.dev/unready-at";

/** How long the readiness probe then fails. Absent: for ever. */
export const UNREADY_FOR_ANNOTATION = "stowage.dev/unready-for";

/** From a container's start until its program hangs: no probe is answered any more. Absent: never. */
export const HANG_AT_ANNOTATION = "stowage.dev/hang-at";

/** The annotations whose value is a list of spans, one for each time that the container starts. */
export const SPAN_ANNOTATIONS: readonly string[] = [
  DURATION_ANNOTATION,
  READY_AFTER_ANNOTATION,
  UNREADY_AT_ANNOTATION,
  UNREADY_FOR_ANNOTATION,
  HANG_AT_ANNOTATION,
];

type Annotations = Readonly<Record<string, string>> | undefined;

/** The word for a span without end. */
const NEVER = "never";

/** Spans in microseconds, `never` as Infinity. `undefined`: a text that cannot be read. */
export function parseSpans(text: string): readonly Micros[] | undefined {
  const spans: Micros[] = [];
  for (const part of text.split(",")) {
    const word = part.trim();
    const us = word === NEVER ? Number.POSITIVE_INFINITY : parseDuration(word);
    if (us === undefined) return undefined;
    spans.push(us);
  }
  return spans;
}

/** Exit codes, 0 to 255. `undefined`: a text that cannot be read. */
export function parseExitCodes(text: string): readonly number[] | undefined {
  const codes: number[] = [];
  for (const part of text.split(",")) {
    const word = part.trim();
    if (!/^\d{1,3}$/.test(word) || Number(word) > 255) return undefined;
    codes.push(Number(word));
  }
  return codes;
}

/** The image size that the annotations state. `undefined`: none; NaN: one that cannot be read. */
export function annotatedImageBytes(annotations: Annotations): number | undefined {
  const text = annotations?.[IMAGE_BYTES_ANNOTATION];
  if (text === undefined) return undefined;
  const bytes = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(bytes) ? bytes : Number.NaN;
}

/** Which container's behaviour is asked for, and the how-manieth time it runs, from 0. */
export interface ContainerAttempt {
  readonly name: string;
  readonly attempt: number;
  /** An init container hears only what names it. */
  readonly isInit: boolean;
}

/** What the annotation says of the container; `undefined`: nothing. */
export function annotatedText(
  annotations: Annotations,
  annotation: string,
  { name, isInit }: ContainerAttempt,
): string | undefined {
  if (annotations === undefined) return undefined;
  const own = annotations[`${annotation}.${name}`];
  return own !== undefined || isInit ? own : annotations[annotation];
}

/** The span of one attempt of a container, Infinity for `never`; `undefined`: none is stated. */
export function annotatedSpanUs(
  annotations: Annotations,
  annotation: string,
  container: ContainerAttempt,
): Micros | undefined {
  const text = annotatedText(annotations, annotation, container);
  return text === undefined ? undefined : entryOf(knownSpans(text), container.attempt);
}

/** The last texts read: most pods of a run say one of a few. A memo, no state of a run. */
const spansByText = new Map<string, readonly Micros[] | undefined>();
const TEXTS_MAX = 1_000;

function knownSpans(text: string): readonly Micros[] | undefined {
  const known = spansByText.get(text);
  if (known !== undefined) return known;
  const spans = parseSpans(text);
  if (spansByText.size >= TEXTS_MAX) spansByText.clear();
  spansByText.set(text, spans);
  return spans;
}

/** The exit code of one attempt of a container; 0 when none is stated. */
export function annotatedExitCodeOf(annotations: Annotations, container: ContainerAttempt): number {
  const text = annotatedText(annotations, EXIT_CODE_ANNOTATION, container);
  return text === undefined ? 0 : (entryOf(parseExitCodes(text), container.attempt) ?? 0);
}

/** Whether a later attempt of the container is stated to go another way than this one. */
export function changesAfter(annotations: Annotations, container: ContainerAttempt): boolean {
  for (const annotation of [...SPAN_ANNOTATIONS, EXIT_CODE_ANNOTATION]) {
    const text = annotatedText(annotations, annotation, container);
    if (text !== undefined && text.split(",").length > container.attempt + 1) return true;
  }
  return false;
}

function entryOf(list: readonly number[] | undefined, attempt: number): number | undefined {
  return list?.[Math.min(attempt, list.length - 1)];
}
