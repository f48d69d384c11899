/**
 * SeatDemand: how many seats a priority level has asked for (in use and waited for) since the last
 * adjustment of the limits, and its smoothed history.
 * Source: fairqueuing/integrator.go and seatDemandStats of apf_controller.go, v1.30.
 */
import type { Micros } from "../../kernel/index.ts";

/** Half-life of about five minutes at one adjustment each 10 s (seatDemandSmoothingCoefficient). */
const SMOOTHING = 0.977;

export class SeatDemand {
  /** Integrals of demand and of its square over this period, in seat-us. */
  area = 0;
  squareArea = 0;
  elapsedUs: Micros = 0;
  /** Highest demand of this period. */
  peak = 0;
  smoothed = 0;
  /** Nothing was asked for in the period that ended last. */
  wasIdle = false;

  /** The demand was `seats` for this long. */
  note(seats: number, durationUs: Micros): void {
    this.area += seats * durationUs;
    this.squareArea += seats * seats * durationUs;
    this.elapsedUs += durationUs;
  }

  /** Ends a period: returns its peak and begins the next at the present demand. */
  endPeriod(seats: number): number {
    const { peak, elapsedUs } = this;
    this.wasIdle = peak === 0;
    if (elapsedUs > 0) {
      const average = this.area / elapsedUs;
      const variance = this.squareArea / elapsedUs - average * average;
      const envelope = average + Math.sqrt(Math.max(0, variance));
      const blend = SMOOTHING * this.smoothed + (1 - SMOOTHING) * envelope;
      this.smoothed = Math.max(envelope, blend);
    }
    this.area = 0;
    this.squareArea = 0;
    this.elapsedUs = 0;
    this.peak = seats;
    return peak;
  }

  /** So many periods pass without demand. O(periods), until nothing is left to fade. */
  fade(periods: number): void {
    for (let i = 0; i < periods && this.smoothed > 0; i++) {
      this.smoothed *= SMOOTHING;
      if (this.smoothed < 1e-9) this.smoothed = 0;
    }
  }
}
