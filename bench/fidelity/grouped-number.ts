/** A whole number with a comma between groups of three digits: 150,000. The same on every machine. */
export function groupedNumber(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
