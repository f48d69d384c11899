/**
 * The floor plan as law: imports only run downward, rooms are entered through their index.ts, and
 * no module is part of a cycle or imported by nobody. Tests are exempt from the plan (they may
 * cross rooms) but not from the rule that sources never import a test.
 */

/** Top first. A floor may import itself's files and every floor below it; neighbours may not meet. */
const FLOORS = [
  { name: "cli", paths: ["cli/"] },
  { name: "library", paths: ["library/", "index.ts$"] },
  { name: "bench", paths: ["bench/"] },
  { name: "reports", paths: ["reports/"] },
  { name: "workloads", paths: ["workloads/"] },
  { name: "policies", paths: ["policies/"] },
  {
    name: "cluster",
    paths: [
      "sim/cluster.ts$",
      "sim/faults.ts$",
      "sim/leader-leases.ts$",
      "sim/users/",
      "sim/index.ts$",
    ],
  },
  {
    name: "components",
    paths: [
      "sim/autoscaling/",
      "sim/metrics/",
      "sim/network/",
      "sim/kubelet/",
      "sim/scheduler/",
      "sim/controllers/",
    ],
  },
  { name: "client", paths: ["sim/client/"] },
  { name: "apiserver", paths: ["sim/apiserver/"] },
  { name: "etcd", paths: ["sim/etcd/"] },
  { name: "options", paths: ["sim/options/"] },
  { name: "api", paths: ["sim/api/"] },
  { name: "kernel", paths: ["sim/kernel/"] },
];

/** The rooms of the network, top first: the same law within it; network.ts wires them. */
const NETWORK_FLOORS = [
  { name: "network", paths: ["sim/network/network.ts$", "sim/network/index.ts$"] },
  { name: "traffic", paths: ["sim/network/traffic/"] },
  { name: "names-and-ingress", paths: ["sim/network/ingress/", "sim/network/dns/"] },
  { name: "services", paths: ["sim/network/services/"] },
  { name: "calls", paths: ["sim/network/calls/"] },
  { name: "backend", paths: ["sim/network/backend/"] },
  { name: "call", paths: ["sim/network/call/"] },
  { name: "proxy", paths: ["sim/network/proxy/"] },
  { name: "topology", paths: ["sim/network/topology/"] },
];

const TESTS = "[.]test[.]ts$";
const literal = (path) => `^${path.replaceAll(".", "[.]")}`;
const patternOf = (floors) => floors.flatMap((floor) => floor.paths.map(literal)).join("|");

const downward = [FLOORS, NETWORK_FLOORS].flatMap((floors) =>
  floors.slice(1).map((floor, index) => ({
    name: `${floor.name}-imports-downward`,
    comment: `${floor.name} imports a floor above it. Declare the interface below, hand the implementation in from above.`,
    severity: "error",
    from: { path: patternOf([floor]), pathNot: TESTS },
    to: { path: patternOf(floors.slice(0, index + 1)) },
  })),
);

const neighbours = [...FLOORS, ...NETWORK_FLOORS].flatMap((floor) =>
  floor.paths.length === 1
    ? []
    : floor.paths
        .filter((path) => path.endsWith("/"))
        .map((path) => ({
          name: `${path.split("/").at(-2)}-knows-no-neighbour`,
          comment: "Components are neighbours: they meet only through sim/client and sim/api.",
          severity: "error",
          from: { path: literal(path), pathNot: TESTS },
          to: {
            path: floor.paths
              .filter((other) => other !== path)
              .map(literal)
              .join("|"),
          },
        })),
);

/** A room is a folder that is entered only through its index.ts. */
const ROOMS = [...FLOORS, ...NETWORK_FLOORS]
  .flatMap((floor) => floor.paths)
  .concat("reports/requests/")
  .filter((path) => path.endsWith("/"));
const entrances = ROOMS.map((room) => ({
  name: `${room.replaceAll("/", "-")}through-its-index`,
  comment: `${room} is imported past its index.ts. Export what is needed there.`,
  severity: "error",
  from: { pathNot: `${literal(room)}|${TESTS}|^test/|^tools/|^bench/speed/` },
  // Load balancers are a room of their own within policies/, as are those within bench/ and reports/,
  // requests one within reports/.
  to: {
    path: literal(room),
    pathNot: `${literal(room)}((balance|conformance|diff|explain|export|figures|html|logs|repeat|requests|results|study|surroundings|sweep|timeline)/)?index[.]ts$`,
  },
}));

module.exports = {
  forbidden: [
    ...downward,
    ...neighbours,
    ...entrances,
    {
      name: "no-cycle",
      comment: "Two modules that need each other are one idea, or hide a third one.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-orphan",
      comment: "Nobody imports this module: delete it, or export it from its room's index.ts.",
      severity: "error",
      from: { orphan: true, pathNot: `${TESTS}|^tools/|^examples/|[.]d[.]ts$|^vitest.config.ts$` },
      to: {},
    },
    {
      name: "sources-import-no-test",
      comment: "A helper that sources need is no test: give it a name and a file of its own.",
      severity: "error",
      from: { pathNot: `${TESTS}|^test/|suite[.]ts$` },
      to: { path: `${TESTS}|^test/` },
    },
    {
      name: "sources-import-no-dev-dependency",
      comment: "The package is installed without it: move it to dependencies.",
      severity: "error",
      from: {
        path: "^(cli|library|bench|reports|workloads|policies|sim|index[.]ts)",
        pathNot: `${TESTS}|-suite[.]ts$`,
      },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only", "npm-peer"] },
    },
    {
      name: "resolvable",
      comment: "The import leads nowhere.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|out|coverage)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
