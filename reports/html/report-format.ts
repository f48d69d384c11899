/** Kinds of files that a report consists of. */
export const reportFormats = ["html", "svg", "png", "csv"] as const;

export type ReportFormat = (typeof reportFormats)[number];
