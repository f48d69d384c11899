/** What a random scenario is about. */
import type { Draws } from "./random-draws.ts";

/** general: all filters and scores; preemption: full nodes, priorities; volumes: claims and disks. */
export type ScenarioKind = "general" | "preemption" | "volumes";

/** Probabilities: a feature is absent from one scenario and frequent in another. */
export interface Mix {
  readonly kind: ScenarioKind;
  readonly podAffinity: number;
  readonly spread: number;
  readonly hostPorts: number;
  readonly nodeAffinity: number;
  readonly tolerations: number;
  readonly taints: number;
  readonly images: number;
  readonly extendedResources: number;
  readonly priorities: number;
  readonly nominations: number;
  readonly initContainers: number;
  /** Nodes that share a hostname. */
  readonly sameHostnames: number;
  readonly terminating: number;
}

export function drawMix(draws: Draws, kind: ScenarioKind): Mix {
  const isGeneral = kind === "general";
  const rareTaints = kind === "preemption" ? 0.1 : 0.05;
  return {
    kind,
    podAffinity: draws.pick(isGeneral ? [0, 0.3, 0.6] : [0, 0, 0.3]),
    spread: draws.pick(kind === "volumes" ? [0, 0, 0.3] : [0, 0.3, 0.6]),
    hostPorts: draws.pick([0, 0, 0.4]),
    nodeAffinity: draws.pick(isGeneral ? [0, 0.2, 0.5] : [0, 0, 0.2]),
    tolerations: draws.pick(kind === "preemption" ? [0.2] : [0, 0.3, 0.6]),
    taints: isGeneral ? 0.4 : rareTaints,
    images: draws.pick([0, 0.5]),
    extendedResources: draws.pick([0, 0.3]),
    priorities: kind === "preemption" ? 1 : draws.pick([0, 0, 0.7, 0.7]),
    nominations: draws.pick([0, 0, 0.4]),
    initContainers: draws.pick([0, 0.3]),
    sameHostnames: draws.pick([0, 0, 0.3]),
    terminating: draws.pick([0, 0.3]),
  };
}
