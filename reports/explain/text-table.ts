/** Columns as wide as they need to be, two spaces in and two apart. */
export function textTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  aligns: readonly ("left" | "right")[],
): string[] {
  const widths = heads.map((head, i) =>
    rows.reduce((width, row) => Math.max(width, row[i]?.length ?? 0), head.length),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells
      .map((cell, i) =>
        aligns[i] === "right" ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join("  ")
      .trimEnd()}`;
  return [line(heads), ...rows.map(line)];
}
