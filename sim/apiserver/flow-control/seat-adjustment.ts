/**
 * Seat adjustment: every 10 s the priority levels lend and borrow seats, by what they have asked for.
 * Source: updateBorrowingLocked and finishQueueSetReconfigsLocked of apf_controller.go, v1.30.
 *
 * Nothing happens at an adjustment but that limits change, so it is made up for when somebody looks:
 * only while a request waits does it cost an event.
 */
import type { Micros } from "../../kernel/index.ts";
import { type AllocationClass, allocateConcurrency } from "./concurrency-allocation.ts";
import type { PriorityLevel } from "./priority-level.ts";

/** borrowingAdjustmentPeriod. */
export const ADJUSTMENT_US = 10_000_000;

/** Widest request of a level: this part of its nominal limit (priorityLevelMaxSeatsPercent). */
const MAX_SEATS_PART = 0.15;
/** maximumSeats of request/config.go. */
const MAX_SEATS = 10;

/** Divides the server's seats by the levels' shares; rounding up may make a few more. */
export function divideSeats(levels: readonly PriorityLevel[], serverSeats: number): void {
  const shares = levels.reduce((sum, level) => sum + level.shares, 0);
  for (const level of levels) {
    const isNew = level.nominalLimit === 0 && level.limit === 0;
    const nominal = shares === 0 ? 0 : Math.ceil((serverSeats * level.shares) / shares);
    const lendable = Math.round((nominal * level.lendablePercent) / 100);
    const borrowing =
      level.borrowingLimitPercent === undefined
        ? serverSeats
        : Math.round((nominal * level.borrowingLimitPercent) / 100);
    level.nominalLimit = nominal;
    level.minLimit = nominal - lendable;
    level.maxLimit = nominal + borrowing;
    if (isNew) level.limit = nominal - Math.trunc(lendable / 2);
    level.maxSeats = MAX_SEATS;
    if (level.response !== "queue") continue;
    const part = Math.ceil(nominal * MAX_SEATS_PART);
    const widest = Math.max(1, Math.min(part, Math.trunc(nominal / level.handSize)));
    level.maxSeats = Math.min(MAX_SEATS, widest);
  }
}

/** Sets the limits for the time from `nowUs` by the demand until then. */
export function adjustLimits(levels: readonly PriorityLevel[], nowUs: Micros): void {
  const classes: AllocationClass[] = [];
  let seats = 0;
  for (const level of levels) {
    level.advance(nowUs);
    const peak = level.demand.endPeriod(level.seatsInUse + level.seatsWaiting);
    // What it has asked for it keeps of its own, whatever others ask for.
    const lowerBound = Math.max(level.minLimit, Math.min(level.nominalLimit, peak));
    const target = Math.max(lowerBound, level.demand.smoothed);
    classes.push({ target, lowerBound, upperBound: level.maxLimit });
    seats += level.nominalLimit;
  }
  const allocations = allocateConcurrency(seats, classes);
  levels.forEach((level, i) => {
    level.limit = Math.round(allocations?.[i] ?? level.limit);
  });
}

/** Makes up for the adjustments that were due up to `nowUs`, the first at `dueUs`; returns the next. */
export function catchUp(levels: readonly PriorityLevel[], dueUs: Micros, nowUs: Micros): Micros {
  let nextUs = dueUs;
  while (nextUs <= nowUs) {
    adjustLimits(levels, nextUs);
    nextUs += ADJUSTMENT_US;
    if (nextUs <= nowUs && levels.every(isSettled)) {
      const missed = Math.floor((nowUs - nextUs) / ADJUSTMENT_US) + 1;
      nextUs += missed * ADJUSTMENT_US;
      for (const level of levels) skipIdle(level, missed, nextUs - ADJUSTMENT_US);
    }
  }
  return nextUs;
}

/** With no demand, and none left in its history that counts, a level's limit stays as it is. */
function isSettled({ seatsInUse, seatsWaiting, demand, minLimit }: PriorityLevel): boolean {
  return seatsInUse + seatsWaiting === 0 && demand.smoothed <= minLimit && demand.wasIdle;
}

function skipIdle(level: PriorityLevel, periods: number, untilUs: Micros): void {
  level.lastUs = untilUs;
  level.demand.fade(periods);
}
