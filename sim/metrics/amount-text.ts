/** Amounts as the metrics APIs print them: cpu in nanocores, memory in KiB, values in thousandths. */

export const coreText = (cores: number): string => suffixed(cores * 1e9, "n");

export const byteText = (bytes: number): string => suffixed(bytes / 1024, "Ki");

export const valueText = (value: number): string => suffixed(value * 1e3, "m");

function suffixed(amount: number, suffix: string): string {
  const whole = Math.round(amount);
  return whole === 0 ? "0" : `${whole}${suffix}`;
}
