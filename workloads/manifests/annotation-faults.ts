/** Finds `stowage.dev/` annotations that cannot be read: the API takes any text. Pure. */
import {
  annotatedDurationUs,
  annotatedExitCode,
  annotatedImageBytes,
  DURATION_ANNOTATION,
  EXIT_CODE_ANNOTATION,
  IMAGE_BYTES_ANNOTATION,
  type Manifest,
} from "../../sim/api/index.ts";

type Annotations = Readonly<Record<string, string>>;

const rules = [
  [DURATION_ANNOTATION, annotatedDurationUs, "a duration with its unit, such as 90s or 1h30m"],
  [IMAGE_BYTES_ANNOTATION, annotatedImageBytes, "a whole number of bytes, 0 or more"],
  [EXIT_CODE_ANNOTATION, annotatedExitCode, "a whole number, 0 to 255"],
] as const;

/** What is wrong with the annotations of an object and of its pod template; mostly nothing. */
export function annotationFaults(object: Manifest): string[] {
  const template = (object.spec as TemplateHolder | undefined)?.template?.metadata?.annotations;
  return [
    ...faultsOf("metadata", object.metadata?.annotations),
    ...faultsOf("spec.template.metadata", template),
  ];
}

interface TemplateHolder {
  readonly template?: { readonly metadata?: { readonly annotations?: Annotations } };
}

function faultsOf(path: string, annotations: Annotations | undefined): string[] {
  if (annotations === undefined) return [];
  return rules.flatMap(([name, read, wanted]) =>
    Number.isNaN(read(annotations))
      ? [`${path}.annotations[${name}]: got "${annotations[name]}", want ${wanted}`]
      : [],
  );
}
