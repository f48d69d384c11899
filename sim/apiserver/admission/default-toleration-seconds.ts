/**
 * DefaultTolerationSeconds: a pod stays on a node that is not ready or not reachable for five
 * minutes, unless it says otherwise.
 * Source: plugin/pkg/admission/defaulttolerationseconds/admission.go of v1.30.
 */
import { derivedPodSpec, type Pod, type PodSpec, type Toleration } from "../../api/index.ts";
import type { AdmissionAttributes, AdmissionPlugin, Draft } from "./attributes.ts";

/** --default-not-ready-toleration-seconds, --default-unreachable-toleration-seconds. */
const SECONDS = 300;
const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";

export class DefaultTolerationSeconds implements AdmissionPlugin {
  readonly name = "DefaultTolerationSeconds";
  readonly kinds = ["Pod"];

  admit({ operation, old }: AdmissionAttributes, draft: Draft): boolean {
    if (operation === "DELETE") return true;
    const spec = draft.spec as PodSpec;
    if ((old as Pod | undefined)?.spec !== spec) draft.spec = withTolerations(spec);
    return true;
  }
}

const made = new WeakMap<PodSpec, PodSpec>();

function withTolerations(spec: PodSpec): PodSpec {
  const known = made.get(spec);
  if (known !== undefined) return known;
  const { tolerations = [] } = spec;
  const missing = [NOT_READY, UNREACHABLE].filter(
    (key) => !tolerations.some((toleration) => covers(toleration, key)),
  );
  const added = missing.map(
    (key): Toleration => ({
      key,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: SECONDS,
    }),
  );
  const changes = { tolerations: [...tolerations, ...added] };
  const result = added.length === 0 ? spec : derivedPodSpec(spec, changes, true);
  made.set(spec, result);
  return result;
}

function covers({ key = "", effect = "" }: Toleration, wanted: string): boolean {
  return (key === wanted || key === "") && (effect === "NoExecute" || effect === "");
}
