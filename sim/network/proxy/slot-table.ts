/**
 * SlotTable: a small number for each address of a Service, which stays with it while any version
 * that is kept has it.
 */
export class SlotTable {
  readonly slots = new Map<string, number>();
  /** Slots of addresses that are gone, longest gone first. */
  free: number[] = [];
  count = 0;

  /** The slot of the address; given out when it has none. */
  of(address: string): number {
    let slot = this.slots.get(address);
    if (slot === undefined) {
      // Late, since connections to the address that had it may still end.
      const isReused = this.free.length > Math.max(16, this.slots.size);
      slot = (isReused ? this.free.shift() : undefined) ?? this.count++;
      this.slots.set(address, slot);
    }
    return slot;
  }

  /** Gives up the addresses that are not among those. */
  keep(addresses: ReadonlySet<string>): void {
    for (const [address, slot] of this.slots) {
      if (addresses.has(address)) continue;
      this.slots.delete(address);
      this.free.push(slot);
    }
  }
}
