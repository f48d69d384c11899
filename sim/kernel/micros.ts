/** A moment or a span of virtual time in whole microseconds (exact up to 2^53, 285 years). */
export type Micros = number;
