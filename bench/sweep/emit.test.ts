import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { kubernetesJob, slurmScript } from "./emit.ts";

const options = {
  name: "GPU study, 2nd try",
  file: "study.yaml",
  out: "results of today",
  flags: ["--set", "scheduler.ties=lowest-name", "--policy", "it's mine.ts"],
  shards: 12,
  workers: 4,
  memoryMb: 2048,
  version: "1.2.3",
};

describe("a job array for Slurm", () => {
  const script = slurmScript(options);

  test("is a script that a shell understands", () => {
    const { status, stderr } = spawnSync("bash", ["-n"], { input: script, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("gives each task a shard, its cores and its memory", () => {
    expect(script).toContain("#SBATCH --job-name=stowage-gpu-study-2nd-try\n");
    expect(script).toContain("#SBATCH --array=1-12\n");
    expect(script).toContain("#SBATCH --cpus-per-task=4\n");
    expect(script).toContain("#SBATCH --mem=8704M\n");
    expect(script).toContain(
      "srun stowage sweep study.yaml --out 'results of today' --set scheduler.ties=lowest-name " +
        `--policy 'it'\\''s mine.ts' --shard "$SLURM_ARRAY_TASK_ID/12" --workers 4 --memory 2048\n`,
    );
  });
});

describe("an Indexed Job for Kubernetes", () => {
  const job = parse(kubernetesJob(options));

  test("runs a shard for each index", () => {
    expect(job).toMatchObject({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "stowage-gpu-study-2nd-try" },
      spec: { completionMode: "Indexed", completions: 12, parallelism: 12 },
    });
    const [container] = job.spec.template.spec.containers;
    expect(container.args[0]).toContain("npm install --global stowage@1.2.3 && stowage sweep");
    expect(container.args[0]).toContain('--shard "$((JOB_COMPLETION_INDEX + 1))/12"');
    expect(container.resources.requests).toEqual({ cpu: "4", memory: "8704Mi" });
  });

  test("has a command that a shell understands, and counts its shards from 1", () => {
    const [container] = job.spec.template.spec.containers;
    const command = container.args[0].replace(/^.*&& stowage/, "printf '%s\\n'");
    const { stdout } = spawnSync("sh", ["-c", command], {
      encoding: "utf8",
      env: { ...process.env, JOB_COMPLETION_INDEX: "11" },
    });
    expect(stdout.split("\n")).toContain("12/12");
    expect(stdout.split("\n")).toContain("it's mine.ts");
  });
});
