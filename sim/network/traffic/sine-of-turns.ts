/**
 * The sine of a number of whole turns, to 1e-14. Of our own, by additions and products alone:
 * Math.sin may differ in its last digit between versions of Node, and a run must not.
 */
export function sineOfTurns(turns: number): number {
  let x = turns - Math.round(turns); // -0.5 .. 0.5
  if (x > 0.25) x = 0.5 - x;
  else if (x < -0.25) x = -0.5 - x;
  const angle = 2 * Math.PI * x;
  const square = angle * angle;
  // Taylor's series to the 19th power: the next term is below 1e-15 at a quarter turn.
  let sum = 1;
  for (let k = 9; k >= 1; k--) sum = 1 - (square / (2 * k * (2 * k + 1))) * sum;
  return angle * sum;
}
