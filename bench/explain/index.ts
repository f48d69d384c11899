export { clusterAt } from "./cluster-at.ts";
export { explainPod } from "./explain-pod.ts";
