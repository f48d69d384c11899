/**
 * The rows of the openb lists (Alibaba cluster-trace-gpu-v2023), checked. Pure: text in, values or
 * faults out.
 */
import type { CsvRow } from "../csv-file.ts";
import type { FaultList } from "../fault-list.ts";

/** A row of a node list. Whole GPUs, all of one model; "" on a node without GPUs. */
export interface OpenbNode {
  readonly name: string;
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gpuCount: number;
  readonly model: string;
  readonly line: number;
  /** `file:line` */
  readonly source: string;
}

/** A row of a pod list. Times are the trace's own, in seconds; NaN where the list has none. */
export interface OpenbTask {
  readonly name: string;
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gpuCount: number;
  /** Share of each GPU that is asked for, 1..1000; 0 when gpuCount is 0. */
  readonly gpuMilli: number;
  /** Acceptable GPU models, sorted, each once; empty: any. */
  readonly gpuModels: readonly string[];
  /** `LS`, `BE`, `Burstable`, `Guaranteed` or "". */
  readonly qos: string;
  readonly creationS: number;
  readonly deletionS: number;
  /** NaN also for a task that never got a node. */
  readonly scheduledS: number;
  readonly line: number;
  /** `file:line` */
  readonly source: string;
}

export const nodeColumns = ["sn", "cpu_milli", "memory_mib", "gpu", "model"] as const;
export const taskColumns = ["name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli"] as const;
/** Columns that only a replay at the trace's own times needs. */
export const timeColumns = ["creation_time", "deletion_time"] as const;

const qosClasses: readonly string[] = ["LS", "BE", "Burstable", "Guaranteed"];
const noModels: readonly string[] = [];
const objectName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const labelValue = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** The node of a row; `undefined` when the row is bad, with its faults in `faults`. */
export function parseNode(row: CsvRow, faults: FaultList): OpenbNode | undefined {
  const cells = new Cells(row, faults);
  const node: OpenbNode = {
    name: cells.name("sn"),
    cpuMilli: cells.whole("cpu_milli", "a whole number of milli-CPU"),
    memoryMib: cells.whole("memory_mib", "a whole number of MiB"),
    gpuCount: cells.whole("gpu", "a whole number of GPUs"),
    model: cells.text("model"),
    line: row.line,
    source: row.place,
  };
  if (node.model !== "" && !labelValue.test(node.model))
    cells.fault("model", "a model name of letters, digits, '-', '_' and '.'");
  if (node.model === "" && node.gpuCount > 0) cells.fault("model", "the model of the node's GPUs");
  return cells.good ? node : undefined;
}

/** The task of a row; `undefined` when the row is bad, with its faults in `faults`. */
export function parseTask(row: CsvRow, faults: FaultList): OpenbTask | undefined {
  const cells = new Cells(row, faults);
  const task: OpenbTask = {
    name: cells.name("name"),
    cpuMilli: cells.whole("cpu_milli", "a whole number of milli-CPU"),
    memoryMib: cells.whole("memory_mib", "a whole number of MiB"),
    gpuCount: cells.whole("num_gpu", "a whole number of GPUs"),
    gpuMilli: cells.whole("gpu_milli", "a whole number of thousandths of a GPU"),
    gpuModels: cells.models("gpu_spec"),
    qos: cells.text("qos"),
    creationS: cells.seconds("creation_time"),
    deletionS: cells.seconds("deletion_time"),
    scheduledS: cells.seconds("scheduled_time"),
    line: row.line,
    source: row.place,
  };
  if (cells.good) checkTask(task, cells);
  return cells.good ? task : undefined;
}

/** Values that are possible one by one, but not together. */
function checkTask(task: OpenbTask, cells: Cells): void {
  if (task.gpuMilli > 1000) cells.fault("gpu_milli", "at most 1000: it counts per GPU");
  else if (task.gpuCount === 0 && task.gpuMilli > 0)
    cells.fault("gpu_milli", "0, since num_gpu is 0");
  else if (task.gpuCount > 0 && task.gpuMilli === 0)
    cells.fault("gpu_milli", `1 to 1000, since num_gpu is ${task.gpuCount}`);
  else if (task.gpuCount > 1 && task.gpuMilli < 1000)
    cells.fault("gpu_milli", `1000, since num_gpu is ${task.gpuCount}: only one GPU can be shared`);
  if (task.qos !== "" && !qosClasses.includes(task.qos))
    cells.fault("qos", `one of ${qosClasses.join(", ")}, or nothing`);
  if (task.deletionS < task.creationS)
    cells.fault("deletion_time", `a time not before creation_time ${task.creationS}`);
  if (task.scheduledS < task.creationS)
    cells.fault("scheduled_time", `a time not before creation_time ${task.creationS}`);
  if (task.scheduledS > task.deletionS)
    cells.fault("scheduled_time", `a time not after deletion_time ${task.deletionS}`);
}

/** Reads the cells of one row and notes what is wrong with them. */
class Cells {
  good = true;
  readonly #row: CsvRow;
  readonly #faults: FaultList;

  constructor(row: CsvRow, faults: FaultList) {
    this.#row = row;
    this.#faults = faults;
    if (row.lengthFault !== undefined) this.#note(row.lengthFault);
  }

  fault(column: string, wanted: string): void {
    const got = this.#row.cell(column);
    this.#note(
      `${this.#row.place}: ${column}: got ${got === "" ? "nothing" : `"${got}"`}, want ${wanted}`,
    );
  }

  text(column: string): string {
    return this.#row.cell(column);
  }

  name(column: string): string {
    const text = this.#row.cell(column);
    if (text.length > 240 || !objectName.test(text))
      this.#misread(column, "a name of at most 240 lower-case letters, digits, '-' and '.'");
    return text;
  }

  whole(column: string, what: string): number {
    const text = this.#row.cell(column);
    const value = /^\d+(\.0+)?$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value)) return value;
    this.#misread(column, `${what}, 0 or more`);
    return 0;
  }

  /** An empty cell is no time; the published lists leave scheduled_time empty for pending tasks. */
  seconds(column: string): number {
    const text = this.#row.cell(column);
    if (text === "") return Number.NaN;
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (!(value <= 1e9)) this.#misread(column, "a number of seconds, 0 to 1e9");
    return value;
  }

  models(column: string): readonly string[] {
    const text = this.#row.cell(column);
    if (text === "") return noModels;
    const models = [...new Set(text.split("|"))].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    if (!models.every((model) => labelValue.test(model)))
      this.#misread(column, "GPU models joined with |, or nothing");
    return models;
  }

  /** A row of the wrong length is said once: its cells stand in the wrong columns anyway. */
  #misread(column: string, wanted: string): void {
    if (this.#row.lengthFault === undefined) this.fault(column, wanted);
  }

  #note(fault: string): void {
    this.good = false;
    this.#faults.add(fault);
  }
}
