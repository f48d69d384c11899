import { GCProfiler, getHeapStatistics } from "node:v8";

/**
 * Bytes that `work` allocates on the JavaScript heap: by how much the heap grew, plus what every
 * garbage collection in between took away, as V8 reports it before and after each. What typed
 * arrays hold outside the heap is not counted. Off by some kilobytes, so let `work` do a lot.
 */
export function allocatedBytes(work: () => void): number {
  const profiler = new GCProfiler();
  profiler.start();
  const before = getHeapStatistics().used_heap_size;
  work();
  const after = getHeapStatistics().used_heap_size;
  let freed = 0;
  for (const { beforeGC, afterGC } of profiler.stop().statistics) {
    freed += beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize;
  }
  return after - before + freed;
}
