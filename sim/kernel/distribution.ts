/**
 * Distributions, parsed from a configuration form such as `lognormal(p50=2s, p99=8s)`.
 *
 *   constant(2s), or just 2s            uniform(1s, 3s)
 *   exponential(mean=2s)                normal(mean=2s, sd=500ms)   cut off below 0
 *   lognormal(p50=2s, p99=8s)           also p90= or p95=, or mu=, sigma= (of ln seconds)
 *   gamma(shape=2, mean=2s)             weibull(scale=2s, shape=1.5)
 *   pareto(min=1s, alpha=1.5)           zipf(n=100, s=1.1)          for times with unit=10ms
 *   empirical(1s:3, 5s:1)               value:weight
 */
import { families, type Sampler } from "./distribution-families.ts";
import { FormReader, parseForm, printForm } from "./distribution-form.ts";
import { InputError } from "./input-error.ts";
import type { Micros } from "./micros.ts";
import { nearestName } from "./nearest-name.ts";
import type { UniformSource } from "./uniform-source.ts";

/** A distribution of spans of virtual time. */
export interface TimeDistribution {
  /** The form it was parsed from, written in one way. */
  readonly text: string;
  /** The expectation in microseconds, where it is finite and has a simple form. */
  readonly meanUs?: number | undefined;
  /** What the sampler is made of, for those that are sampled most; see Sampler. */
  readonly constantUs?: number | undefined;
  readonly lognormal?: { readonly mu: number; readonly sigma: number } | undefined;
  /** One sample in whole microseconds, 0 .. 2^50 (35 years; longer ones are cut to that). */
  sampleUs(source: UniformSource): Micros;
}

/** A distribution of plain numbers. */
export interface Distribution {
  readonly text: string;
  readonly mean?: number | undefined;
  sample(source: UniformSource): number;
}

/** 2^50 us. Our assumption: so that sums of times stay exact. */
export const SAMPLE_MAX_US = 1_125_899_906_842_624;

/** Parses a distribution of times. `where` names the setting in messages. Throws InputError. */
export function parseTimeDistribution(text: string, where: string): TimeDistribution {
  const [normalised, { mean, sample, constant, lognormal }] = parse(text, where, true);
  return {
    text: normalised,
    meanUs: mean,
    constantUs: constant === undefined ? undefined : Math.min(Math.round(constant), SAMPLE_MAX_US),
    lognormal,
    sampleUs: (source) => Math.min(Math.round(sample(source)), SAMPLE_MAX_US),
  };
}

/** Parses a distribution of plain numbers: `uniform(0.5, 2)`. Throws InputError. */
export function parseDistribution(text: string, where: string): Distribution {
  const [normalised, { mean, sample }] = parse(text, where, false);
  return { text: normalised, mean, sample };
}

function parse(text: string, where: string, isTime: boolean): [string, Sampler] {
  const form = parseForm(text);
  const family = form === undefined ? undefined : families.get(form.name);
  if (form === undefined || family === undefined) throw unknownForm(text, where, isTime);
  return [printForm(form), family(new FormReader(form, text, where, isTime))];
}

function unknownForm(text: string, where: string, isTime: boolean): InputError {
  const names = [...families.keys()];
  const example = isTime ? "2ms or lognormal(p50=2s, p99=8s)" : "3 or uniform(1, 3)";
  const nearest = nearestName(/^\s*(\w*)/.exec(text)?.[1] ?? "", names);
  const hint = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
  return new InputError(
    `${where}: got "${text}", want a distribution such as ${example}, ` +
      `one of ${names.join(", ")}.${hint}`,
  );
}
