/** Finds `stowage.dev/` annotations that cannot be read: the API takes any text. Pure. */
import {
  annotatedImageBytes,
  DURATION_ANNOTATION,
  EXIT_CODE_ANNOTATION,
  IMAGE_BYTES_ANNOTATION,
  type Manifest,
  parseExitCodes,
  parseSpans,
  READY_AFTER_ANNOTATION,
  SPAN_ANNOTATIONS,
} from "../../sim/api/index.ts";
import { parseTimeDistribution } from "../../sim/kernel/index.ts";
import {
  CONCURRENCY_ANNOTATION,
  QUEUE_LIMIT_ANNOTATION,
  WEIGHT_ANNOTATION,
} from "../../sim/network/index.ts";

type Annotations = Readonly<Record<string, string>>;

const SPANS = "a duration with its unit, such as 90s or 1h30m, or a list of them with never";
const ONE_SPAN = "a duration with its unit, such as 90s or 1h30m";

/** Whether the value can be read, and what is wanted. */
interface Rule {
  readonly isReadable: (value: string) => boolean;
  readonly wanted: string;
}

const rules: ReadonlyMap<string, Rule> = new Map([
  ...SPAN_ANNOTATIONS.map((name): [string, Rule] => [
    name,
    {
      isReadable: (value) => parseSpans(value) !== undefined,
      wanted: name === DURATION_ANNOTATION ? ONE_SPAN : SPANS,
    },
  ]),
  [
    READY_AFTER_ANNOTATION,
    { isReadable: isSpanOrDistribution, wanted: `${SPANS}, or a distribution` },
  ],
  [
    IMAGE_BYTES_ANNOTATION,
    {
      isReadable: (value) =>
        !Number.isNaN(annotatedImageBytes({ [IMAGE_BYTES_ANNOTATION]: value })),
      wanted: "a whole number of bytes, 0 or more",
    },
  ],
  [
    EXIT_CODE_ANNOTATION,
    {
      isReadable: (value) => parseExitCodes(value) !== undefined,
      wanted: "a whole number, 0 to 255",
    },
  ],
  [
    CONCURRENCY_ANNOTATION,
    { isReadable: (value) => /^[1-9]\d{0,8}$/.test(value), wanted: "a whole number, 1 or more" },
  ],
  [
    QUEUE_LIMIT_ANNOTATION,
    {
      isReadable: (value) => /^(0|[1-9]\d{0,8})$/.test(value),
      wanted: "a whole number, 0 or more",
    },
  ],
  [
    WEIGHT_ANNOTATION,
    { isReadable: (value) => /^\d+(\.\d+)?$/.test(value), wanted: "a number, 0 or more" },
  ],
]);

function isSpanOrDistribution(value: string): boolean {
  if (parseSpans(value) !== undefined) return true;
  try {
    parseTimeDistribution(value, READY_AFTER_ANNOTATION);
    return true;
  } catch {
    return false;
  }
}

/** The rule of an annotation; `stowage.dev/duration.NAME` is for one container. */
function ruleOf(name: string): Rule | undefined {
  const dot = name.indexOf(".", name.indexOf("/"));
  return rules.get(dot < 0 ? name : name.slice(0, dot));
}

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
  return Object.entries(annotations).flatMap(([name, value]) => {
    const rule = name.startsWith("stowage.dev/") ? ruleOf(name) : undefined;
    return rule === undefined || rule.isReadable(value)
      ? []
      : [`${path}.annotations[${name}]: got "${value}", want ${rule.wanted}`];
  });
}
