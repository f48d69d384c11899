/**
 * Processor sharing in the plainest way, as the oracle of sim/network/backend/core-sharing.ts: one
 * node, one step for each microsecond, and all rates anew in each of them.
 */
export interface OraclePod {
  readonly weight: number;
  /** Cores at most. */
  readonly limit: number;
  /** Cores that each of its requests takes at full speed. */
  readonly cpu: number;
  readonly concurrency: number;
}

export interface OracleRequest {
  readonly pod: number;
  readonly atUs: number;
  readonly workUs: number;
}

interface Underway {
  readonly number: number;
  leftUs: number;
}

/** When each request is done. Throws when more cores were given out than there are. */
export function oracleEndsUs(
  cores: number,
  pods: readonly OraclePod[],
  requests: readonly OracleRequest[],
): number[] {
  const endsUs = requests.map(() => -1);
  const waiting: Underway[][] = pods.map(() => []);
  const working: Underway[][] = pods.map(() => []);
  for (let nowUs = 0; endsUs.includes(-1); nowUs++) {
    requests.forEach(({ pod, atUs, workUs }, number) => {
      if (atUs === nowUs) waiting[pod]?.push({ number, leftUs: workUs });
    });
    pods.forEach(({ concurrency }, p) => {
      const atWork = (working[p] ?? []).filter(({ number, leftUs }) => {
        if (leftUs < 1e-4) endsUs[number] = nowUs;
        return leftUs >= 1e-4;
      });
      atWork.push(...(waiting[p] ?? []).splice(0, concurrency - atWork.length));
      working[p] = atWork;
    });
    const demands = pods.map(({ cpu, limit }, p) =>
      Math.min(limit, cpu * (working[p]?.length ?? 0)),
    );
    const shares = waterLevelShares(cores, demands, pods);
    const given = shares.reduce((sum, share) => sum + share, 0);
    if (given > cores * (1 + 1e-12)) throw new Error(`${given} of ${cores} cores were given out`);
    pods.forEach(({ cpu }, p) => {
      const atWork = working[p] ?? [];
      const rate = (shares[p] ?? 0) / (cpu * atWork.length);
      for (const request of atWork) request.leftUs -= rate;
    });
  }
  return endsUs;
}

/** Weighted max-min fair shares, by finding the level at which the water stands, by bisection. */
export function waterLevelShares(
  capacity: number,
  demands: readonly number[],
  pods: readonly { readonly weight: number }[],
): number[] {
  const at = (level: number): number[] =>
    demands.map((demand, i) => Math.min(demand, level * (pods[i]?.weight ?? 0)));
  const total = (shares: readonly number[]): number =>
    shares.reduce((sum, share) => sum + share, 0);
  if (total(demands) <= capacity) return [...demands];
  let low = 0;
  let high = Math.max(...demands);
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (total(at(middle)) <= capacity) low = middle;
    else high = middle;
  }
  return at(low);
}
