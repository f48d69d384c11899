/**
 * Shuffle sharding: which queues a flow may use. Flows are dealt hands of queues, so that two flows
 * rarely share all of theirs, and a greedy one leaves the others a queue without it.
 * Source: apiserver/pkg/util/shufflesharding/dealer.go and hashFlowID of
 * apiserver/pkg/util/flowcontrol/apf_controller.go, v1.30.
 */
import { sha256 } from "./sha256.ts";

/** 64-bit hash of a flow: its FlowSchema's name and its distinguisher ("" where there is none). */
export function flowHash(flowSchema: string, distinguisher: string): bigint {
  const [first = 0, second = 0] = sha256(`${flowSchema}\0${distinguisher}`);
  return (BigInt(swapBytes(second)) << 32n) | BigInt(swapBytes(first));
}

/** `handSize` different numbers of queues, each 0 .. queues - 1; all hands are equally likely. */
export function dealHand(hash: bigint, queues: number, handSize: number): number[] {
  const remainders: number[] = [];
  let entropy = hash;
  for (let i = 0; i < handSize; i++) {
    const deck = BigInt(queues - i);
    remainders.push(Number(entropy % deck));
    entropy /= deck;
  }
  return remainders.map((remainder, i) => {
    let card = remainder;
    for (let j = i; j > 0; j--) if (card >= (remainders[j - 1] ?? 0)) card++;
    return card;
  });
}

/** The digest's first eight bytes are read as a little-endian number. */
function swapBytes(word: number): number {
  const swapped =
    (word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | ((word << 24) >>> 0);
  return swapped >>> 0;
}
