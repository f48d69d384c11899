/** The runs of a study, each with a key that stands for everything that decides its bytes. */
import { createHash } from "node:crypto";
import type { ManifestInput, RunLabels } from "../../reports/index.ts";
import { openWorkload } from "../../workloads/index.ts";
import { type LoadedBalancers, loadBalancers } from "../balancers.ts";
import type { Experiment, PolicyRef } from "../experiment.ts";
import { configurationOf, loadPolicies, REFERENCES } from "../run-experiment.ts";
import type { RunHooks } from "../run-hooks.ts";
import type { Study, StudyPoint } from "./study.ts";

/** One run. Plain data: it can be sent to another thread or machine. */
export interface PlannedRun {
  /**
   * Hash of its full inputs: version, settings, policy, seed, and the bytes of every file that it
   * reads. Equal keys: equal results.
   */
  readonly key: string;
  readonly labels: RunLabels;
  /** Of this run alone: one policy, one seed. */
  readonly experiment: Experiment;
}

export interface StudyPlan {
  readonly name: string;
  readonly parameters: readonly string[];
  /** Absolute folder of the results. */
  readonly directory: string;
  /** Point by point, policy by policy, seed by seed. Runs may share a key: they are run once. */
  readonly runs: readonly PlannedRun[];
}

export type PlanHooks = Pick<
  RunHooks,
  "version" | "loadPolicy" | "loadBalancer" | "notice" | "signal"
>;

/** Policies and seeds to plan for; absent: those of the experiments. */
export interface PlanScope {
  readonly seeds?: readonly string[];
}

/** Opens every input once, so that a mistake in one is found before anything runs. */
export async function planStudy(
  study: Study,
  hooks: PlanHooks,
  { seeds }: PlanScope = {},
): Promise<StudyPlan> {
  const inputs = new InputHashes(hooks);
  const runs: PlannedRun[] = [];
  for (const { labels, experiment } of study.points) {
    hooks.signal.throwIfAborted();
    const common = await inputs.of(experiment);
    for (const policy of experiment.policies)
      for (const seed of seeds ?? experiment.seeds)
        runs.push(planned({ labels, experiment }, policy, seed, { ...common, hooks }));
  }
  const { name, parameters, directory } = study;
  return { name, parameters, directory, runs };
}

/** What the runs of one experiment have in common. */
interface Common {
  /** Files of the workload and of balancers. */
  readonly files: readonly ManifestInput[];
  /** Of a policy's file. */
  readonly policySha256: (policy: PolicyRef) => string | undefined;
}

function planned(
  { labels, experiment: whole }: StudyPoint,
  policy: PolicyRef,
  seed: string,
  { files, policySha256, hooks }: Common & { readonly hooks: PlanHooks },
): PlannedRun {
  const experiment = { ...whole, policies: [policy], seeds: [seed] };
  const inputs = {
    stowage: hooks.version,
    references: REFERENCES,
    configuration: configurationOf(experiment),
    policy: policySha256(policy),
    files,
  };
  const key = createHash("sha256").update(canonicalJson(inputs)).digest("hex").slice(0, KEY_LENGTH);
  return { key, labels: { ...labels, policy: policy.label, seed }, experiment };
}

/** 80 bits: among a million runs two have the same key by chance with probability 4e-13. */
const KEY_LENGTH = 20;

/** JSON with the keys of mappings in order: equal values, equal texts. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Reads each workload, policy and balancer once, however many points name it. */
class InputHashes {
  readonly #hooks: PlanHooks;
  readonly #workloads = new Map<string, readonly ManifestInput[]>();
  readonly #policies = new Map<string, string | undefined>();

  constructor(hooks: PlanHooks) {
    this.#hooks = hooks;
  }

  async of(experiment: Experiment): Promise<Common> {
    const workload = await this.#workloadFiles(experiment);
    const balancers = await loadBalancers(experiment, this.#hooks);
    await this.#loadPolicies(experiment, balancers);
    return {
      files: [...workload, ...balancers.inputs],
      policySha256: ({ path }) => (path === undefined ? undefined : this.#policies.get(path)),
    };
  }

  async #workloadFiles(experiment: Experiment): Promise<readonly ManifestInput[]> {
    const { workload, workloadBase } = experiment;
    const name = JSON.stringify([workload, workloadBase]);
    const known = this.#workloads.get(name);
    if (known !== undefined) return known;
    const { inputs } = await openWorkload(workload, {
      baseDirectory: workloadBase,
      notice: this.#hooks.notice,
    });
    this.#workloads.set(name, inputs);
    return inputs;
  }

  async #loadPolicies(experiment: Experiment, balancers: LoadedBalancers): Promise<void> {
    const policies = experiment.policies.filter(
      ({ path, label }) => !this.#policies.has(path ?? label),
    );
    const loaded = await loadPolicies({ ...experiment, policies }, balancers, this.#hooks);
    for (const [{ path, label }, { sha256 }] of loaded) this.#policies.set(path ?? label, sha256);
  }
}
