/** Orders texts by code unit, as Kubernetes orders bytes for the ASCII that keys are made of. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
