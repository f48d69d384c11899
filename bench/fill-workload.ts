/** The workload of an experiment with every default filled in. */
import { InputError, parseDuration } from "../sim/kernel/index.ts";
import {
  defaultDeploymentGroup,
  defaultJobGroup,
  defaultManifestsSpec,
  defaultNodeGroup,
  defaultOpenbSpec,
  defaultPodGroup,
  type ManifestsSpec,
  type OpenbSpec,
  readStep,
  type SyntheticSpec,
  type WorkloadSpec,
} from "../workloads/index.ts";
import type { ExperimentInput } from "./experiment-schema.ts";

type WorkloadInput = NonNullable<ExperimentInput["workload"]>;

/** `where` begins every message: the experiment file, or nothing. */
export function fillWorkload(input: WorkloadInput | undefined, where: string): WorkloadSpec {
  const names = Object.entries(input ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : name,
  );
  if (input === undefined || names.length === 0)
    throw new InputError(
      `${where}workload: got none, want one. ` +
        "Give --trace openb, --manifests FILE, or an experiment file that names a workload.",
    );
  if (names.length > 1)
    throw new InputError(
      `${where}workload: got ${names.join(" and ")}, want one of them. Take out the others.`,
    );
  if (input.openb !== undefined) return fillOpenb(input.openb ?? {}, where);
  if (input.manifests !== undefined) return fillManifests(input.manifests, where);
  return fillSynthetic(input.synthetic ?? {}, where);
}

function fillOpenb(input: NonNullable<WorkloadInput["openb"]>, where: string): OpenbSpec {
  if (input.timeScale !== undefined && (input.load !== undefined || input.rate !== undefined))
    throw new InputError(
      `${where}workload openb: got a time scale with a load or a rate, want one or the other. ` +
        "A time scale replays the trace's own tasks and times: take out load and rate.",
    );
  return filled(defaultOpenbSpec, input);
}

function fillManifests(
  input: NonNullable<WorkloadInput["manifests"]>,
  where: string,
): ManifestsSpec {
  const { gap, jobDuration, steps = [], nodeGroups = [], ...paths } = input;
  const spec = filled(defaultManifestsSpec, {
    ...paths,
    nodeGroups: filledNodes(nodeGroups),
    steps: steps.map((step, i) => readStep(step, `${where}workload.manifests.steps[${i}]`)),
    gapUs: durationUs(gap),
    jobDurationUs: durationUs(jobDuration),
  });
  refuseTwins(spec.nodeGroups, `${where}workload manifests`);
  if (spec.manifests.length === 0 && spec.steps.length === 0)
    throw new InputError(
      `${where}workload manifests: got no manifests, want at least one file. Give --manifests FILE.`,
    );
  if ([...spec.nodes, ...spec.manifests].filter((path) => path === "-").length > 1)
    throw new InputError(`${where}workload manifests: got the standard input twice, want it once.`);
  return spec;
}

type SyntheticInput = NonNullable<WorkloadInput["synthetic"]>;
type GroupInput = NonNullable<SyntheticInput["pods"]>[number];

function fillSynthetic(input: SyntheticInput, where: string): SyntheticSpec {
  const spec: SyntheticSpec = {
    type: "synthetic",
    nodes: filledNodes(input.nodes ?? []),
    pods: (input.pods ?? []).map((group) => filled(defaultPodGroup, podFields(group))),
    jobs: (input.jobs ?? []).map((group) => filled(defaultJobGroup, podFields(group))),
    deployments: (input.deployments ?? []).map((group) =>
      filled(defaultDeploymentGroup, podFields(group)),
    ),
  };
  for (const groups of [spec.nodes, [...spec.pods, ...spec.jobs], spec.deployments])
    refuseTwins(groups, `${where}workload synthetic`);
  return spec;
}

function filledNodes(groups: NonNullable<SyntheticInput["nodes"]>): SyntheticSpec["nodes"] {
  return groups.map((group) => filled(defaultNodeGroup, withTexts(group)));
}

function refuseTwins(groups: readonly { readonly name: string }[], where: string): void {
  const names = groups.map((group) => group.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new InputError(
    `${where}: got two groups named "${twice}", want a name for each. Rename one.`,
  );
}

function podFields<Input extends Pick<GroupInput, "start" | "cpu" | "memory" | "resources">>(
  input: Input,
) {
  const { start, ...rest } = withTexts(input);
  return { ...rest, startUs: durationUs(start) };
}

/** Quantities as text, however YAML read them: `cpu: 4`. */
function withTexts<Input extends Pick<GroupInput, "cpu" | "memory" | "resources">>(input: Input) {
  const { cpu, memory, resources } = input;
  return {
    ...input,
    cpu: cpu === undefined ? undefined : String(cpu),
    memory: memory === undefined ? undefined : String(memory),
    resources:
      resources === undefined
        ? undefined
        : Object.fromEntries(Object.entries(resources).map(([name, x]) => [name, String(x)])),
  };
}

function durationUs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const us = parseDuration(text);
  if (us === undefined) throw new Error(`duration "${text}" was not checked`);
  return us;
}

/** `given` over `defaults`; what is undefined in `given` keeps its default. */
function filled<T extends object>(
  defaults: T,
  given: { readonly [K in keyof T]?: unknown } & object,
): T {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(set) };
}
