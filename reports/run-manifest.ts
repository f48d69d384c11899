/** run.json: all that is needed to make the same files again. */
import type { RunSummary } from "./summary.ts";

export interface ManifestInput {
  /** As the user named it. */
  readonly path: string;
  readonly sha256: string;
  /** Of a policy file: the policy's name. Its path starts from the folder of the workload's. */
  readonly policy?: string;
  /** Of a balancer's file, likewise: the balancer's name. */
  readonly balancer?: string;
}

export interface ManifestOptions {
  /** Version of stowage. */
  readonly version: string;
  /** Whatever else decides the bytes, by name: the reference's version, data sets. */
  readonly references: Readonly<Record<string, string>>;
  readonly inputs: readonly ManifestInput[];
  /** The full configuration, defaults filled in: plain data. */
  readonly configuration: unknown;
  readonly summaries: readonly RunSummary[];
}

/** The text of run.json. It names no clock, machine or folder: the same experiment, the same bytes. */
export function runManifest(options: ManifestOptions): string {
  const own = options.summaries[0]?.own;
  const manifest = {
    stowage: options.version,
    references: options.references,
    inputs: options.inputs,
    configuration: options.configuration,
    ...(own === undefined ? {} : { own_metrics: own }),
    resources: (options.summaries[0]?.resources ?? []).map(({ resource }) => resource),
    runs: options.summaries.map(({ policy, workload, seed, digests }) => ({
      policy,
      workload,
      seed,
      digest_decisions: digests.decisions,
      digest_commits: digests.commits,
      digest_commits_after: Object.fromEntries(
        (digests.checkpoints ?? []).map(({ writes, digest }) => [writes, digest]),
      ),
    })),
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
