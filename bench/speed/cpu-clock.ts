/**
 * The clock of the benches: processor time of the whole process, user and system, garbage
 * collector's threads included. A busy machine disturbs it less than the time that went by.
 */
export function cpuClockNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}
