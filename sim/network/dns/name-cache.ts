/** NameCache: answers about names, each until its time is over. Plain data. */
import type { Micros } from "../../kernel/index.ts";
import type { EndpointSet } from "../proxy/index.ts";

/** What a name server says about a name. */
export interface NameAnswer {
  readonly exists: boolean;
  /** The addresses of a headless Service; undefined: there is one, the Service's own. */
  readonly records: EndpointSet | undefined;
  /** Until when it may be told on. */
  readonly untilUs: Micros;
}

export type NameCache = Map<string, NameAnswer>;

/** Entries after which those that are over are thrown away. Our assumption. */
const SWEEP_AT = 4096;

/** The answer if it is known still. */
export function remembered(cache: NameCache, name: string, nowUs: Micros): NameAnswer | undefined {
  const answer = cache.get(name);
  if (answer === undefined) return undefined;
  if (answer.untilUs > nowUs) return answer;
  cache.delete(name);
  return undefined;
}

export function remember(
  cache: NameCache,
  name: string,
  answer: NameAnswer,
  nowUs: Micros,
): NameAnswer {
  if (cache.size >= SWEEP_AT)
    for (const [old, { untilUs }] of cache) if (untilUs <= nowUs) cache.delete(old);
  cache.set(name, answer);
  return answer;
}
