/** Queueing theory's exact answers. Rates and times in any one unit; loads below 1. */

/** Erlang's C: the share of arrivals at M/M/c that must wait; `offered` = lambda / mu, below c. */
export function erlangC(servers: number, offered: number): number {
  let term = 1; // offered^k / k!
  let sum = 0;
  for (let k = 0; k < servers; k++) {
    sum += term;
    term *= offered / (k + 1);
  }
  const waiting = term / (1 - offered / servers);
  return waiting / (sum + waiting);
}

/** Pollaczek-Khinchine: the mean wait of M/G/1, from the first two moments of the service time. */
export function pollaczekKhinchine(lambda: number, mean: number, secondMoment: number): number {
  return (lambda * secondMoment) / (2 * (1 - lambda * mean));
}

/**
 * Mean value analysis of a closed network (Reiser and Lavenberg 1980): `clients` that think, then
 * visit each station once, each FCFS with one exponential server (or processor sharing).
 */
export function meanValueAnalysis(
  clients: number,
  think: number,
  demands: readonly number[],
): { throughput: number; responses: number[] } {
  let queues = demands.map(() => 0);
  let responses = [...demands];
  let throughput = 0;
  for (let n = 1; n <= clients; n++) {
    const before = queues;
    responses = demands.map((demand, i) => demand * (1 + (before[i] ?? 0)));
    throughput = n / (think + responses.reduce((sum, each) => sum + each, 0));
    const rate = throughput;
    queues = responses.map((response) => rate * response);
  }
  return { throughput, responses };
}

/**
 * Mitzenmacher's supermarket model (1996): the limit, for many queues, of the share of them that
 * hold at least `length` when each arrival joins the shortest of `choices` taken at random.
 */
export function supermarketTail(load: number, choices: number, length: number): number {
  let exponent = 0;
  for (let i = 0; i < length; i++) exponent = exponent * choices + 1;
  return Math.exp(exponent * Math.log(load));
}
