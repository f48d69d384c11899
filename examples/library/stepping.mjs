import { createCluster } from "stowage";

const cluster = await createCluster({ nodes: { count: 3, cpu: 4 } });
cluster.on("binding", ({ record, node }) => console.log(`${at()} ${record.key} goes to ${node}`));

cluster.apply(`
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: nginx, resources: { requests: { cpu: 1 } } }] }
`);
cluster.runUntil("1m");
console.log(`${at()} ready: ${cluster.get("Deployment", "web").status.readyReplicas}`);

// What if its node were drained now, and what if not?
const other = cluster.fork();
const [pod] = cluster.list("Pod", { labelSelector: "app=web" });
const node = { apiVersion: "v1", kind: "Node", metadata: { name: pod.spec.nodeName } };
cluster.perform({ verb: "drain", object: node });
cluster.runFor("1m");
other.runFor("1m");
for (const [name, each] of Object.entries({ drained: cluster, left: other })) {
  const placed = each.list("Pod").map(({ spec }) => spec.nodeName);
  console.log(`${at()} ${name}: ${placed.join(", ")}`);
}

function at() {
  return `${(cluster.nowUs / 1e6).toFixed(3).padStart(8)} s`;
}
