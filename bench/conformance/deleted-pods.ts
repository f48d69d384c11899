/** What plugins write, in a scenario: pods that they delete are noted, all else changes nothing. */
import type { KeyRecord } from "../../sim/api/index.ts";
import type { PluginRequests } from "../../sim/scheduler/index.ts";

export class DeletedPods implements PluginRequests {
  #keys = new Set<string>();

  delete(record: KeyRecord): void {
    this.#keys.add(record.key);
  }

  /** Conditions and nominations: by the protocol they stay as the scenario has them. */
  patch(): void {}

  event(): void {}

  /** Keys of the pods that were deleted since the last call, sorted. */
  take(): readonly string[] {
    const keys = [...this.#keys].sort();
    this.#keys = new Set();
    return keys;
  }
}
