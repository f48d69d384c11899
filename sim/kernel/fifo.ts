/**
 * A first-in first-out queue: an array with a head index. Plain data, so that a fork can copy it.
 * (A Map used as a queue costs microseconds a pop when long: deleted slots are scanned again.)
 */
export class Fifo<T> {
  items: (T | undefined)[] = [];
  head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** The oldest item; undefined when empty. */
  peek(): T | undefined {
    return this.items[this.head];
  }

  /** The oldest item, removed; undefined when empty. Amortised O(1). */
  shift(): T | undefined {
    if (this.head === this.items.length) return undefined;
    const item = this.items[this.head];
    this.items[this.head++] = undefined;
    if (this.head > 32 && this.head * 2 > this.items.length) {
      this.items.splice(0, this.head);
      this.head = 0;
    }
    return item;
  }
}
