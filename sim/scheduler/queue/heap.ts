/**
 * A binary heap in a plain array whose items know their index, so that any of them can be removed
 * or moved in O(log n) (kubernetes/pkg/scheduler/internal/heap, v1.30). Hot: several calls per
 * scheduling attempt; heap.test.ts pins it against a sorted array.
 */

/** What an item needs: its index in the heap, -1 when it is in none. Kept by the functions here. */
export interface HeapItem {
  heapIndex: number;
}

/** Negative: a comes out first. Must be a total order: never 0 for two items. */
export type HeapOrder<T> = (a: T, b: T) => number;

export function heapPush<T extends HeapItem>(heap: T[], order: HeapOrder<T>, item: T): void {
  heap.push(item);
  siftUp(heap, order, item, heap.length - 1);
}

/** The first item, removed; undefined when the heap is empty. */
export function heapPop<T extends HeapItem>(heap: T[], order: HeapOrder<T>): T | undefined {
  const first = heap[0];
  if (first !== undefined) heapRemove(heap, order, first);
  return first;
}

/** Removes an item that is in this heap. */
export function heapRemove<T extends HeapItem>(heap: T[], order: HeapOrder<T>, item: T): void {
  const index = item.heapIndex;
  if (heap[index] !== item) throw new Error(`no such item in the heap at index ${index}`);
  const last = heap.pop() as T;
  item.heapIndex = -1;
  if (last === item) return;
  last.heapIndex = index;
  heap[index] = last;
  heapFix(heap, order, last);
}

/** Puts an item right whose place in the order has changed. */
export function heapFix<T extends HeapItem>(heap: T[], order: HeapOrder<T>, item: T): void {
  const index = item.heapIndex;
  siftUp(heap, order, item, index);
  if (item.heapIndex === index) siftDown(heap, order, item, index);
}

function siftUp<T extends HeapItem>(heap: T[], order: HeapOrder<T>, item: T, from: number): void {
  let index = from;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex] as T;
    if (order(item, parent) >= 0) break;
    heap[index] = parent;
    parent.heapIndex = index;
    index = parentIndex;
  }
  heap[index] = item;
  item.heapIndex = index;
}

function siftDown<T extends HeapItem>(heap: T[], order: HeapOrder<T>, item: T, from: number): void {
  const length = heap.length;
  let index = from;
  for (;;) {
    let childIndex = 2 * index + 1;
    if (childIndex >= length) break;
    let child = heap[childIndex] as T;
    if (childIndex + 1 < length) {
      const right = heap[childIndex + 1] as T;
      if (order(right, child) < 0) {
        child = right;
        childIndex++;
      }
    }
    if (order(child, item) >= 0) break;
    heap[index] = child;
    child.heapIndex = index;
    index = childIndex;
  }
  heap[index] = item;
  item.heapIndex = index;
}
