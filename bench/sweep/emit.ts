/** Writes a sweep as a job for a batch system, which runs its shards: nothing else is needed there. */
import { stringify } from "yaml";

export interface EmitOptions {
  /** Of the study. */
  readonly name: string;
  /** Path of the experiment file, as the job will see it. */
  readonly file: string;
  /** Folder of the results, which all tasks share, as the job will see it. */
  readonly out: string;
  /** What else is to be said to `stowage sweep`, word by word. */
  readonly flags: readonly string[];
  readonly shards: number;
  /** Threads of a shard. */
  readonly workers: number;
  /** Heap of a thread, in MB. */
  readonly memoryMb: number;
  /** Of stowage. */
  readonly version: string;
}

/** A job array's script, for sbatch. */
export function slurmScript(options: EmitOptions): string {
  const { shards, workers } = options;
  const sweep = sweepCommand(options, `"$SLURM_ARRAY_TASK_ID/${shards}"`);
  const collect = sweepCommand({ ...options, shards: 1 }, undefined);
  return `#!/bin/bash
#SBATCH --job-name=${jobName(options.name)}
#SBATCH --array=1-${shards}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=${workers}
#SBATCH --mem=${totalMb(options)}M
#SBATCH --output=${jobName(options.name)}-%A_%a.log
#
# Each task runs its share of the sweep. Tasks that fail can be submitted again: what is done stays.
#   sbatch this-file
# When all tasks are done, this writes the tables (it runs nothing that is there already):
#   ${collect}
# Say it now: sbatch --dependency=afterany:JOB --wrap '${collect.replaceAll("'", "")}'
set -euo pipefail
srun ${sweep}
`;
}

/** An Indexed Job, for kubectl apply; the experiment's folder is a claim that all its pods mount. */
export function kubernetesJob(options: EmitOptions): string {
  const { shards, workers, version } = options;
  const name = jobName(options.name);
  const amounts = { cpu: String(workers), memory: `${totalMb(options)}Mi` };
  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name },
    spec: {
      completionMode: "Indexed",
      completions: shards,
      parallelism: shards,
      backoffLimitPerIndex: 3, // a lost node does not lose the sweep: what is done stays
      template: {
        metadata: { labels: { app: name } },
        spec: {
          restartPolicy: "Never",
          containers: [
            {
              name: "stowage",
              image: "node:22-slim",
              workingDir: "/study",
              command: ["sh", "-c"],
              args: [
                `npm install --global stowage@${version} && ` +
                  sweepCommand(options, `"$((JOB_COMPLETION_INDEX + 1))/${shards}"`),
              ],
              resources: { requests: amounts, limits: amounts },
              volumeMounts: [{ name: "study", mountPath: "/study" }],
            },
          ],
          volumes: [{ name: "study", persistentVolumeClaim: { claimName: name } }],
        },
      },
    },
  };
  return `# Each index runs its share of the sweep; what is done stays when a pod is lost.
# Put ${options.file} and the files that it names on the claim "${name}", which must allow
# ReadWriteMany where pods are to run on several nodes. When the Job is complete, this writes the
# tables (it runs nothing that is there already):
#   ${sweepCommand({ ...options, shards: 1 }, undefined)}
${stringify(job)}`;
}

function sweepCommand(
  { file, out, flags, workers, memoryMb }: EmitOptions,
  shard?: string,
): string {
  const words = ["stowage", "sweep", file, "--out", out, ...flags].map(quoted);
  const rest = ["--workers", String(workers), "--memory", String(memoryMb)];
  return [...words, ...(shard === undefined ? [] : ["--shard", shard]), ...rest].join(" ");
}

/** A word for a POSIX shell. */
const quoted = (word: string): string =>
  /^[-A-Za-z0-9_./=:,@%+]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** What a shard's process needs: its threads, and a few hundred MB (our assumption) for the rest. */
const totalMb = ({ workers, memoryMb }: EmitOptions): number => workers * memoryMb + 512;

/** A name as Kubernetes and Slurm take it: letters, digits and '-', at most 52 for the pods' sake. */
function jobName(name: string): string {
  const cleaned = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `stowage-${cleaned}`.slice(0, 52).replace(/-+$/, "");
}
