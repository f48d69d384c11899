/**
 * What a controller knows that it did but has not yet seen in its informers. While creations or
 * deletions are outstanding, its view is behind, and it must not act on it again.
 *
 * Source: ControllerExpectations and UIDTrackingControllerExpectations in
 * pkg/controller/controller_utils.go of v1.30.
 */
import type { KeyRecord } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";

/** ExpectationsTimeout: a watch event that has not come after five minutes was lost. */
const TIMEOUT_US = 300_000_000;

interface Expectation {
  /** Outstanding; below zero when more was seen than expected. */
  creations: number;
  deletions: number;
  readonly sinceUs: Micros;
}

/** Counted expectations, by the controller's key. Plain data: a part of the controller's state. */
export class ControllerExpectations {
  readonly byKey = new Map<KeyRecord, Expectation>();

  /** True when the controller may act: all was seen, or has been waited for long enough. */
  isSatisfied(key: KeyRecord, nowUs: Micros): boolean {
    const known = this.byKey.get(key);
    if (known === undefined || (known.creations <= 0 && known.deletions <= 0)) return true;
    return nowUs - known.sinceUs > TIMEOUT_US;
  }

  expectCreations(key: KeyRecord, creations: number, nowUs: Micros): void {
    this.byKey.set(key, { creations, deletions: 0, sinceUs: nowUs });
  }

  /** Both at once (SetExpectations). */
  expect(key: KeyRecord, creations: number, deletions: number, nowUs: Micros): void {
    this.byKey.set(key, { creations, deletions, sinceUs: nowUs });
  }

  expectDeletions(key: KeyRecord, deletions: number, nowUs: Micros): void {
    this.byKey.set(key, { creations: 0, deletions, sinceUs: nowUs });
  }

  /** One was seen, or will never come. */
  creationObserved(key: KeyRecord, count = 1): void {
    const known = this.byKey.get(key);
    if (known !== undefined) known.creations -= count;
  }

  deletionObserved(key: KeyRecord): void {
    const known = this.byKey.get(key);
    if (known !== undefined) known.deletions--;
  }

  /** The controller's object is gone. */
  delete(key: KeyRecord): void {
    this.byKey.delete(key);
  }
}

/**
 * Expectations that name what they wait for, since the same fact may be seen more than once: a
 * deletion shows as a deletionTimestamp first and as a removal later.
 */
export class UidExpectations {
  readonly byKey = new Map<KeyRecord, Set<string>>();

  /** Adds to what is expected of the key. */
  expect(key: KeyRecord, uids: readonly string[]): void {
    const known = this.byKey.get(key);
    if (known === undefined) this.byKey.set(key, new Set(uids));
    else for (const uid of uids) known.add(uid);
  }

  /** True when the uid was expected. */
  observed(key: KeyRecord, uid: string): boolean {
    const known = this.byKey.get(key);
    if (known?.delete(uid) !== true) return false;
    if (known.size === 0) this.byKey.delete(key);
    return true;
  }

  isExpected(key: KeyRecord, uid: string): boolean {
    return this.byKey.get(key)?.has(uid) === true;
  }

  delete(key: KeyRecord): void {
    this.byKey.delete(key);
  }
}
