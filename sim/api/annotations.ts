/**
 * The annotations by which a manifest tells the simulator what a real cluster would find out by
 * itself. They sit on pods, or on pod templates, and travel with the object through the API.
 */
import { type Micros, parseDuration } from "../kernel/index.ts";

/** How long the pod's containers run once started, e.g. `90s`. Absent: until the pod is deleted. */
export const DURATION_ANNOTATION = "stowage.dev/duration";

/** Size of each of the pod's images in bytes, a whole number. Absent: the kubelet's default size. */
export const IMAGE_BYTES_ANNOTATION = "stowage.dev/image-bytes";

/** Exit code of the pod's containers when they end by themselves. Absent: 0. */
export const EXIT_CODE_ANNOTATION = "stowage.dev/exit-code";

type Annotations = Readonly<Record<string, string>> | undefined;

/** The run time that the annotations state. `undefined`: none; NaN: one that cannot be read. */
export function annotatedDurationUs(annotations: Annotations): Micros | undefined {
  const text = annotations?.[DURATION_ANNOTATION];
  if (text === undefined) return undefined;
  return parseDuration(text) ?? Number.NaN;
}

/** The image size that the annotations state. `undefined`: none; NaN: one that cannot be read. */
export function annotatedImageBytes(annotations: Annotations): number | undefined {
  const text = annotations?.[IMAGE_BYTES_ANNOTATION];
  if (text === undefined) return undefined;
  const bytes = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(bytes) ? bytes : Number.NaN;
}

/** The exit code that the annotations state; 0 when they state none. NaN: one that cannot be read. */
export function annotatedExitCode(annotations: Annotations): number {
  const text = annotations?.[EXIT_CODE_ANNOTATION];
  if (text === undefined) return 0;
  return /^\d{1,3}$/.test(text) && Number(text) < 256 ? Number(text) : Number.NaN;
}
