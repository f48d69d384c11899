/**
 * Water-filling: how the cores of a node are divided among pods that want more than there is, as the
 * kernel's fair scheduler divides them by cgroup weights: nobody gets more than it wants, and what
 * one does not want is divided among the others by weight (weighted max-min fairness).
 *
 * Hot: once for each request that begins or ends on a contended node. O(claims) mostly, at worst
 * O(claims squared): each pass satisfies at least one.
 */
export interface Claim {
  /** What it wants, 0 or more. */
  readonly demand: number;
  /** Above 0. */
  readonly weight: number;
  /** What it gets: set here. */
  share: number;
}

/** Sets the share of each claim; together they are min(capacity, all demands). */
export function fillWater(claims: readonly Claim[], capacity: number): void {
  let left = capacity;
  let weight = 0;
  for (let i = 0; i < claims.length; i++) {
    const claim = claims[i] as Claim;
    claim.share = -1;
    weight += claim.weight;
  }
  for (let isLevel = false; !isLevel; ) {
    isLevel = true;
    const level = left / weight; // NaN once all are satisfied: nobody is asked then
    for (let i = 0; i < claims.length; i++) {
      const claim = claims[i] as Claim;
      if (claim.share >= 0 || claim.demand > level * claim.weight) continue;
      claim.share = claim.demand;
      left -= claim.demand;
      weight -= claim.weight;
      isLevel = false;
    }
  }
  const level = left / weight;
  for (let i = 0; i < claims.length; i++) {
    const claim = claims[i] as Claim;
    if (claim.share < 0) claim.share = level * claim.weight;
  }
}
