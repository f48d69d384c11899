/** What a cluster writes, for tests that compare whole runs. */
import type { Cluster } from "../sim/index.ts";
import { Digest } from "../sim/kernel/index.ts";

/** Digest of every write from now on: what, when and in which state. */
export function digestOfWrites(cluster: Cluster): Digest {
  const digest = new Digest();
  cluster.trace.committed.subscribe(({ type, revision, timeUs, record, object }) => {
    digest
      .add(revision)
      .add(timeUs)
      .addString(`${type} ${record.key} ${JSON.stringify(object)}`);
  });
  return digest;
}
