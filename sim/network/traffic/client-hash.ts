/**
 * The 32-bit hash of a source's client, or key, by its number: MurmurHash3's finaliser (Austin
 * Appleby, public domain) of their sum. It maps one to one, so that no two clients of a source meet.
 */
export function clientHash(sourceHash: number, number: number): number {
  let h = (sourceHash + number) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
