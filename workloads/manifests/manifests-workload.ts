/** The manifests reader: a user's own files, sent as `kubectl apply -f` sends them. */
import type { Manifest } from "../../sim/api/index.ts";
import { formatDuration, InputError } from "../../sim/kernel/index.ts";
import { InputText } from "../text-file.ts";
import type { TimedOperation, Workload, WorkloadContext } from "../workload.ts";
import { annotationFaults } from "./annotation-faults.ts";
import { hasDuration, withJobDuration } from "./job-duration.ts";
import type { ManifestsSpec } from "./manifests-spec.ts";
import { NamespaceKeeper } from "./namespace-keeper.ts";
import { readManifests } from "./read-manifests.ts";

/**
 * How long a new Namespace is given before the next object is sent, in microseconds: kubectl waits
 * for the answer to each request, and an object must not overtake its namespace. Our assumption,
 * far above the time of one write.
 */
const NAMESPACE_PAUSE_US = 1_000_000;

/** Reads the node files, and opens the manifests, which are decoded as the run goes on. */
export async function openManifests(
  spec: ManifestsSpec,
  context: WorkloadContext,
): Promise<Workload> {
  const nodeFiles = await openAll(spec.nodes, context);
  const files = await openAll(spec.manifests, context);
  const told = new Set<string>();
  const notice = (text: string): void => {
    if (!told.has(text)) context.notice(text);
    told.add(text);
  };
  const nodes = await readNodes(nodeFiles);
  return {
    name: "manifests",
    initialObjects: nodes,
    inputs: [...nodeFiles, ...files].map((file) => file.inputFile),
    expectedOperations: undefined,
    operations: () => applied(files, spec, notice),
  };
}

async function openAll(paths: readonly string[], context: WorkloadContext): Promise<InputText[]> {
  const files: InputText[] = [];
  for (const path of paths) files.push(await InputText.open(path, context.baseDirectory));
  return files;
}

async function* applied(
  files: readonly InputText[],
  spec: ManifestsSpec,
  notice: (text: string) => void,
): AsyncIterable<TimedOperation> {
  const namespaces = new NamespaceKeeper();
  let timeUs = 0;
  for (const file of files) {
    for await (const { object, line } of readManifests(file)) {
      const source = `${file.name}:${line}`;
      refuseBadAnnotations(object, source);
      const missing = namespaces.missingFor(object);
      if (missing !== undefined) {
        const name = missing.metadata?.name ?? "";
        notice(`namespace "${name}" is not in the manifests before ${source}: it is created`);
        yield { timeUs, verb: "create", object: missing, source };
        timeUs += NAMESPACE_PAUSE_US;
      }
      yield { timeUs, verb: "apply", object: timed(object, spec, notice), source };
      timeUs += object.kind === "Namespace" ? NAMESPACE_PAUSE_US : spec.gapUs;
    }
  }
}

function refuseBadAnnotations(object: Manifest, source: string): void {
  const faults = annotationFaults(object);
  if (faults.length === 0) return;
  const who = `${object.kind} "${object.metadata?.name ?? ""}"`;
  throw new InputError(
    `${faults.map((fault) => `${source}: ${who}: ${fault}`).join("\n")}. Fix it.`,
  );
}

function timed(object: Manifest, spec: ManifestsSpec, notice: (text: string) => void): Manifest {
  if (object.kind !== "Job" || hasDuration(object)) return object;
  const duration = formatDuration(spec.jobDurationUs);
  notice(`Jobs without the annotation stowage.dev/duration run for ${duration} (our assumption)`);
  return withJobDuration(object, duration);
}

async function readNodes(files: readonly InputText[]): Promise<Manifest[]> {
  const nodes: Manifest[] = [];
  for (const file of files) {
    for await (const { object, line } of readManifests(file)) {
      if (object.kind !== "Node")
        throw new InputError(
          `${file.name}:${line}: got a ${object.kind}, want Nodes only. ` +
            "Give the file, or this part of it, as manifests instead.",
        );
      nodes.push(object);
    }
  }
  return nodes;
}
