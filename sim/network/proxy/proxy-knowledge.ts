/**
 * ProxyKnowledge: which changes each place has come to know. A proxy has those that are in its
 * rules (see NodeSync), or with `network.syncModel: lag` those whose lag, drawn for each, has passed; a
 * client that watches by itself has those that its watch has told it of.
 */
import type { Trace } from "../../api/index.ts";
import { Draws, HopLatency, type Kernel, type Micros } from "../../kernel/index.ts";
import type { NetworkOptions } from "../../options/index.ts";
import type { NetworkNodes } from "../topology/index.ts";
import { ChangeLog } from "./change-log.ts";
import { NodeSync, SyncRunner } from "./node-sync.ts";
import type { ProxyMode } from "./proxy-mode.ts";
import type { Target } from "./service-routing.ts";
import type { SiteKind, SiteState } from "./site-state.ts";
import { SyncReporter } from "./sync-reporter.ts";
import type { TargetHistory, TargetVersion } from "./target-history.ts";

interface KnowledgeState {
  /** When the proxies began; -1: they have not yet. */
  startedUs: Micros;
  readonly log: ChangeLog;
  /** By number of the node; made when first asked for. */
  readonly nodes: (NodeSync | undefined)[];
}

export interface KnowledgeSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly nodes: NetworkNodes;
  readonly options: NetworkOptions;
  readonly mode: ProxyMode;
}

export class ProxyKnowledge {
  state: KnowledgeState = { startedUs: -1, log: new ChangeLog(), nodes: [] };
  readonly #kernel: Kernel;
  readonly #nodes: NetworkNodes;
  readonly #isLag: boolean;
  readonly #mode: ProxyMode;
  readonly #watchUs: HopLatency;
  readonly #lagUs: HopLatency;
  readonly #phases: Draws;
  readonly #runner: SyncRunner;
  readonly #reporter: SyncReporter;

  constructor({ kernel, trace, nodes, options, mode }: KnowledgeSettings) {
    this.#kernel = kernel;
    this.#nodes = nodes;
    this.#mode = mode;
    this.#isLag = mode.isLag;
    this.#watchUs = new HopLatency(kernel.seed, options.proxyWatch, "network.proxyWatch");
    this.#lagUs = new HopLatency(kernel.seed, options.proxySync, "network.proxySync");
    this.#phases = new Draws(kernel.seed, "network/proxy-phase");
    this.#runner = new SyncRunner(mode, this.#watchUs);
    const log = (): ChangeLog => this.state.log;
    this.#reporter = new SyncReporter(kernel, trace, nodes, { log, settle: () => this.settle() });
    nodes.onJoin(() => this.#onJoin());
    kernel.keep("network/proxy-knowledge", this);
  }

  /** What is there now is in the rules of all nodes that have joined. */
  start(): void {
    this.state.startedUs = this.#kernel.nowUs;
    this.#reporter.wake();
  }

  get isStarted(): boolean {
    return this.state.startedUs >= 0;
  }

  /** Ports of all Services. */
  get ports(): number {
    return this.state.log.ports;
  }

  /** Takes in a change: see ServiceChange. Returns its number; 0: the proxies take no notice of it. */
  record(
    key: string,
    ports: number,
    endpoints: number,
    isNews: boolean,
    triggerUs: Micros,
  ): number {
    const { log } = this.state;
    const portsBefore = log.ports;
    const rulesBefore = log.rules;
    const service = log.count(key, ports, endpoints);
    if (!this.isStarted || !isNews) return 0;
    const { seq } = log.add(service, this.#kernel.nowUs, portsBefore, rulesBefore, triggerUs);
    if (this.#isLag) log.prune(seq);
    else {
      if (log.isLong) log.prune(this.#leastApplied());
      this.#reporter.wake();
    }
    return seq;
  }

  /**
   * Index of the newest version that has reached the site, when that is not the one it has; -1.
   * A place that joins after versions were dropped has at least the oldest that is kept.
   */
  newestFor(site: SiteState): number {
    const { history, kind, node, seq, target } = site;
    const isByTime = kind === "client" || this.#isLag;
    let applied = 0;
    if (!isByTime) {
      applied = this.#advanced(node).applied;
      if (applied === site.lookedAt || applied < 0) return -1;
      site.lookedAt = applied;
    }
    for (let i = history.versions.length - 1; i >= 0; i--) {
      const version = history.versions[i];
      if (version === undefined || version.seq <= seq) return -1;
      const isKnown = isByTime
        ? this.#hasReached(target, node, kind, version)
        : version.seq <= applied;
      if (isKnown || (i === 0 && history.droppedCount > 0)) return i;
    }
    return -1;
  }

  /** Index of the oldest version that some node's proxy may still have. O(nodes). */
  oldestNeeded({ versions, target }: TargetHistory): number {
    let oldest = versions.length - 1;
    if (!this.#isLag) {
      const applied = this.#leastApplied();
      while (oldest > 0 && (versions[oldest]?.seq ?? 0) > applied) oldest--;
      return oldest;
    }
    for (let node = 0; node < this.#nodes.count; node++) {
      while (oldest > 0) {
        const version = versions[oldest];
        if (version === undefined || this.#hasReached(target, node, "proxy", version)) break;
        oldest--;
      }
    }
    return oldest;
  }

  /** Lives through all nodes' syncs until now. False: some have not caught up with the changes. */
  settle(): boolean {
    if (this.#isLag || !this.isStarted) return true;
    const { lastSeq } = this.state.log;
    let isSettled = true;
    for (let node = 0; node < this.#nodes.count; node++) {
      const { applied, endUs } = this.#advanced(node);
      if (applied !== lastSeq || endUs >= 0) isSettled = false;
    }
    return isSettled;
  }

  /** A node has joined: its first sync is full, whether or not anything changes. */
  #onJoin(): void {
    if (this.isStarted && !this.#isLag) this.#reporter.wake();
  }

  /** Whether a version has come to a client, or by the lag model to a proxy. */
  #hasReached({ hash }: Target, node: number, kind: SiteKind, version: TargetVersion): boolean {
    if (version.seq === 0) return true;
    const nodeHash = this.#nodes.state.nodes[node]?.hash ?? 0;
    const latency = kind === "client" ? this.#watchUs : this.#lagUs;
    const lagUs = latency.us(nodeHash ^ Math.imul(hash, 0x9e3779b1), version.seq);
    return version.timeUs + lagUs <= this.#kernel.nowUs;
  }

  /** The syncs of a node's proxy, until now. */
  #advanced(node: number): NodeSync {
    const sync = this.state.nodes[node] ?? this.#addNode(node);
    this.#runner.advance(sync, this.state.log, this.#kernel.nowUs, this.#reporter.listener);
    return sync;
  }

  #addNode(number: number): NodeSync {
    const { nodes, startedUs } = this.state;
    if (startedUs < 0) throw new Error("the proxies have not been started");
    const { hash, joinedUs } = this.#nodes.node(number);
    const hasRules = joinedUs <= startedUs;
    const sync = new NodeSync(number, hash, this.#mode, {
      joinedUs: hasRules ? startedUs : joinedUs,
      hasRules,
      watchUs: this.#watchUs.us(hash, 0),
      phase: this.#phases.uniform(hash, 0),
    });
    while (nodes.length <= number) nodes.push(undefined);
    nodes[number] = sync;
    return sync;
  }

  /** Number of the last change that all nodes have in their rules. O(nodes). */
  #leastApplied(): number {
    let least = this.state.log.lastSeq;
    for (let node = 0; node < this.#nodes.count; node++) {
      least = Math.min(least, this.#advanced(node).applied);
    }
    return least;
  }
}
