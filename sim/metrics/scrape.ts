/**
 * Scrapes in closed form: what is asked for at any time is what the last scrape found, and scrapes
 * are at whole multiples of the resolution. No scrape is an event.
 *
 * Source: pkg/storage/pod.go of metrics-server v0.7: usage is what lies between the last two scrapes;
 * a container that began between them has a window of its own once it is 10 s old.
 */
import type { Micros } from "../kernel/index.ts";
import type { UsageWindow } from "./pod-usage.ts";

/** freshContainerMinMetricsResolution. */
const FRESH_MIN_US = 10_000_000;

/** When the last scrape was, at or before `nowUs`. */
export function lastScrapeUs(nowUs: Micros, resolutionUs: Micros): Micros {
  return Math.floor(nowUs / resolutionUs) * resolutionUs;
}

/** The window of a container that began at `startUs`; undefined: there is none yet. */
export function scrapeWindow(
  nowUs: Micros,
  resolutionUs: Micros,
  startUs: Micros,
): UsageWindow | undefined {
  const toUs = lastScrapeUs(nowUs, resolutionUs);
  const beforeUs = toUs - resolutionUs;
  if (startUs <= beforeUs) return { fromUs: beforeUs, toUs };
  return toUs - startUs >= FRESH_MIN_US ? { fromUs: startUs, toUs } : undefined;
}
