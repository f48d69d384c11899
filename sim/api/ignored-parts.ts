/**
 * IgnoredParts collects what manifests say and the simulation does nothing with, so that nothing is
 * dropped in silence: fields without effect and kinds that are left out, each named once.
 */
import { byCodeUnit } from "./code-unit-order.ts";
import { groupOf, isIgnoredKind } from "./ignored-kinds.ts";
import type { Manifest } from "./objects.ts";

interface Part {
  /** `web.yaml:12` */
  readonly first: string;
  count: number;
  isTold: boolean;
}

export class IgnoredParts {
  readonly #parts = new Map<string, Part>();
  /** `group/Kind` of the custom resources whose definitions were read. */
  readonly #customKinds = new Set<string>();

  /** A field was given; `place` is asked for at its first time only. */
  note(name: string, place: () => string): void {
    const part = this.#parts.get(name);
    if (part === undefined) this.#parts.set(name, { first: place(), count: 1, isTold: false });
    else part.count++;
  }

  /** Whether the object is of a kind that is left out; if so it is noted. */
  leavesOut(object: Manifest, place: () => string): boolean {
    const { apiVersion = "", kind = "" } = object;
    if (
      !isIgnoredKind(apiVersion, kind) &&
      !this.#customKinds.has(`${groupOf(apiVersion)}/${kind}`)
    )
      return false;
    if (kind === "CustomResourceDefinition") this.#define(object);
    this.note(`kind ${kind} of ${apiVersion}`, place);
    return true;
  }

  /**
   * `ignored: pod.spec.hostAliases (web.yaml:12 and 3 more)`: what was not told before, fields
   * before kinds, each sorted by name. Counts are those of now.
   */
  tell(): string[] {
    const names = [...this.#parts.keys()].filter((name) => this.#parts.get(name)?.isTold === false);
    names.sort((a, b) => Number(isKind(a)) - Number(isKind(b)) || byCodeUnit(a, b));
    return names.map((name) => {
      const { first, count } = this.#partOf(name);
      return `ignored: ${name} (${first}${count === 1 ? "" : ` and ${count - 1} more`})`;
    });
  }

  #partOf(name: string): Part {
    const part = this.#parts.get(name);
    if (part === undefined) throw new Error(`nothing was noted about ${name}`);
    part.isTold = true;
    return part;
  }

  #define({ spec }: Manifest): void {
    const { group, names } = (spec ?? {}) as { group?: unknown; names?: { kind?: unknown } };
    this.#customKinds.add(`${String(group)}/${String(names?.kind)}`);
  }
}

const isKind = (name: string): boolean => name.startsWith("kind ");
