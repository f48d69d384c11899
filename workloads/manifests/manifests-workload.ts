/**
 * The manifests reader: a user's own files, sent as `kubectl apply -f` sends them, and steps at set
 * times.
 */
import { IgnoredParts, type Manifest } from "../../sim/api/index.ts";
import { formatDuration, InputError } from "../../sim/kernel/index.ts";
import { nodeManifests } from "../synthetic/synthetic-objects.ts";
import { InputText } from "../text-file.ts";
import type { TimedOperation, Workload, WorkloadContext } from "../workload.ts";
import { annotationFaults } from "./annotation-faults.ts";
import { hasDuration, withJobDuration } from "./job-duration.ts";
import type { ManifestStep } from "./manifest-step.ts";
import type { ManifestsSpec } from "./manifests-spec.ts";
import { NamespaceKeeper } from "./namespace-keeper.ts";
import { readManifests } from "./read-manifests.ts";
import { ServiceTargets } from "./service-targets.ts";
import { mergeByTime, type StepObject, timedSteps } from "./timed-steps.ts";

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
  const said = new Set<string>();
  const notice = (text: string): void => {
    if (!said.has(text)) context.notice(text);
    said.add(text);
  };
  const teller: Teller = { notice, ignored: new IgnoredParts(), services: new ServiceTargets() };
  const nodes = await readNodes(nodeFiles, teller.ignored);
  const stepFiles = await openStepFiles(spec.steps, context);
  const steps = await readSteps(spec, stepFiles, teller);
  tellIgnored(teller);
  return {
    name: "manifests",
    initialObjects: [...nodes, ...spec.nodeGroups.flatMap(nodeManifests)],
    inputs: [...nodeFiles, ...files, ...stepFiles.values()].map((file) => file.inputFile),
    expectedOperations: undefined,
    operations: () => mergeByTime(told(applied(files, spec, teller), teller), steps),
  };
}

/** What the reader says on its own account, and what it noted to say later. */
interface Teller {
  readonly notice: (text: string) => void;
  readonly ignored: IgnoredParts;
  readonly services: ServiceTargets;
}

function tellIgnored({ notice, ignored }: Teller): void {
  for (const line of ignored.tell()) notice(line);
}

/** Tells what was ignored when the reading ends, be it before the end of the files. */
async function* told(
  operations: AsyncIterable<TimedOperation>,
  teller: Teller,
): AsyncIterable<TimedOperation> {
  try {
    yield* operations;
  } finally {
    tellIgnored(teller);
  }
}

async function openAll(paths: readonly string[], context: WorkloadContext): Promise<InputText[]> {
  const files: InputText[] = [];
  for (const path of paths) files.push(await InputText.open(path, context.baseDirectory));
  return files;
}

/** The manifest files of the steps, each once, by its path. */
async function openStepFiles(
  steps: readonly ManifestStep[],
  { baseDirectory }: WorkloadContext,
): Promise<Map<string, InputText>> {
  const files = new Map<string, InputText>();
  for (const { file, source } of steps) {
    if (file === "" || files.has(file)) continue;
    if (file === "-")
      throw new InputError(`${source}: got the standard input, want a file. Give it as manifests.`);
    files.set(file, await InputText.open(file, baseDirectory));
  }
  return files;
}

/** The operations of the steps: their files are small, and read before anything runs. */
async function readSteps(
  spec: ManifestsSpec,
  files: ReadonlyMap<string, InputText>,
  { notice, ignored, services }: Teller,
): Promise<TimedOperation[]> {
  const objects = new Map<string, StepObject[]>();
  for (const [path, file] of files) {
    const read: StepObject[] = [];
    for await (const { object, line, ...size } of readManifests(file, ignored)) {
      const source = `${file.name}:${line}`;
      refuseBadAnnotations(object, source);
      services.note(object, source);
      read.push({ object: timed(object, spec, notice), source, ...size });
    }
    objects.set(path, read);
  }
  return timedSteps(spec.steps, ({ file }) => objects.get(file) ?? [], spec.gapUs);
}

async function* applied(
  files: readonly InputText[],
  spec: ManifestsSpec,
  { notice, ignored, services }: Teller,
): AsyncIterable<TimedOperation> {
  const namespaces = new NamespaceKeeper();
  let timeUs = 0;
  for (const file of files) {
    for await (const { object, line, ...size } of readManifests(file, ignored)) {
      const source = `${file.name}:${line}`;
      refuseBadAnnotations(object, source);
      services.note(object, source);
      const missing = namespaces.missingFor(object);
      if (missing !== undefined) {
        const name = missing.metadata?.name ?? "";
        notice(`namespace "${name}" is not in the manifests before ${source}: it is created`);
        yield { timeUs, verb: "create", object: missing, source };
        timeUs += NAMESPACE_PAUSE_US;
      }
      yield { timeUs, verb: "apply", object: timed(object, spec, notice), source, ...size };
      timeUs += object.kind === "Namespace" ? NAMESPACE_PAUSE_US : spec.gapUs;
    }
  }
  for (const line of services.tell()) notice(line);
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

async function readNodes(files: readonly InputText[], ignored: IgnoredParts): Promise<Manifest[]> {
  const nodes: Manifest[] = [];
  for (const file of files) {
    for await (const { object, line } of readManifests(file, ignored)) {
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
