/**
 * Field types: the field names that the API knows, in a compact notation, so that a manifest with a
 * misspelt or misplaced field is refused instead of silently losing it (strict decoding).
 *
 * A struct is a list of fields in one text: `name` is a string, `name:int`, `name:bool`,
 * `name:number`, `name:quantity`, `name:intstr` (a number or a text such as 25%), `name:map`
 * (texts by name), `name:quantities`, `name:any` (not looked into) or `name:Struct`; `[]` makes a
 * list of it. Fields as in the types of k8s.io/api v1.30.
 */
export type FieldTypes = Readonly<Record<string, string>>;

const probe =
  "exec:ExecAction grpc:any httpGet:HTTPGetAction tcpSocket:TCPSocketAction initialDelaySeconds:int timeoutSeconds:int periodSeconds:int successThreshold:int failureThreshold:int terminationGracePeriodSeconds:int";

/** Types that several kinds share. */
export const SHARED_FIELD_TYPES: FieldTypes = {
  ObjectMeta:
    "name generateName namespace selfLink uid resourceVersion generation:int creationTimestamp deletionTimestamp deletionGracePeriodSeconds:int labels:map annotations:map ownerReferences:OwnerReference[] finalizers:string[] managedFields:any",
  OwnerReference: "apiVersion kind name uid controller:bool blockOwnerDeletion:bool",
  LabelSelector: "matchLabels:map matchExpressions:SelectorRequirement[]",
  SelectorRequirement: "key operator values:string[]",
  Condition:
    "type status reason message lastTransitionTime lastProbeTime lastHeartbeatTime lastUpdateTime observedGeneration:int",
  PodTemplateSpec: "metadata:ObjectMeta spec:PodSpec",
  PodSpec:
    "activeDeadlineSeconds:int affinity:Affinity automountServiceAccountToken:bool containers:Container[] dnsConfig:any dnsPolicy enableServiceLinks:bool ephemeralContainers:any hostAliases:any hostIPC:bool hostNetwork:bool hostPID:bool hostUsers:bool hostname imagePullSecrets:any initContainers:Container[] nodeName nodeSelector:map os:any overhead:quantities preemptionPolicy priority:int priorityClassName readinessGates:any resourceClaims:any restartPolicy runtimeClassName schedulerName schedulingGates:SchedulingGate[] securityContext:any serviceAccount serviceAccountName setHostnameAsFQDN:bool shareProcessNamespace:bool subdomain terminationGracePeriodSeconds:int tolerations:Toleration[] topologySpreadConstraints:TopologySpreadConstraint[] volumes:Volume[]",
  SchedulingGate: "name",
  Container:
    "args:string[] command:string[] env:EnvVar[] envFrom:any image imagePullPolicy lifecycle:any livenessProbe:Probe name ports:ContainerPort[] readinessProbe:Probe resizePolicy:any resources:ResourceRequirements restartPolicy securityContext:any startupProbe:Probe stdin:bool stdinOnce:bool terminationMessagePath terminationMessagePolicy tty:bool volumeDevices:any volumeMounts:VolumeMount[] workingDir",
  EnvVar: "name value valueFrom:any",
  ContainerPort: "containerPort:int hostIP hostPort:int name protocol",
  ResourceRequirements: "claims:any limits:quantities requests:quantities",
  VolumeMount:
    "mountPath mountPropagation name readOnly:bool recursiveReadOnly subPath subPathExpr",
  Probe: probe,
  ExecAction: "command:string[]",
  HTTPGetAction: "host httpHeaders:any path port:intstr scheme",
  TCPSocketAction: "host port:intstr",
  Volume:
    "name awsElasticBlockStore:AWSElasticBlockStore azureDisk:AzureDisk azureFile:any cephfs:any cinder:any configMap:any csi:CSIVolume downwardAPI:any emptyDir:any ephemeral:EphemeralVolume fc:any flexVolume:any flocker:any gcePersistentDisk:GCEPersistentDisk gitRepo:any glusterfs:any hostPath:any iscsi:ISCSI nfs:any persistentVolumeClaim:PersistentVolumeClaimVolume photonPersistentDisk:any portworxVolume:any projected:any quobyte:any rbd:RBD scaleIO:any secret:any storageos:any vsphereVolume:any",
  AWSElasticBlockStore: "fsType partition:int readOnly:bool volumeID",
  AzureDisk: "cachingMode diskName diskURI fsType kind readOnly:bool",
  CSIVolume: "driver fsType nodePublishSecretRef:any readOnly:bool volumeAttributes:map",
  EphemeralVolume: "volumeClaimTemplate:PersistentVolumeClaimTemplate",
  GCEPersistentDisk: "fsType partition:int pdName readOnly:bool",
  ISCSI:
    "chapAuthDiscovery:bool chapAuthSession:bool fsType initiatorName iqn iscsiInterface lun:int portals:string[] readOnly:bool secretRef:any targetPortal",
  PersistentVolumeClaimVolume: "claimName readOnly:bool",
  RBD: "fsType image keyring monitors:string[] pool readOnly:bool secretRef:any user",
  PersistentVolumeClaimTemplate: "metadata:ObjectMeta spec:PersistentVolumeClaimSpec",
  PersistentVolumeClaimSpec:
    "accessModes:string[] dataSource:any dataSourceRef:any resources:VolumeResources selector:LabelSelector storageClassName volumeAttributesClassName volumeMode volumeName",
  VolumeResources: "limits:quantities requests:quantities",
  Toleration: "effect key operator tolerationSeconds:int value",
  TopologySpreadConstraint:
    "labelSelector:LabelSelector matchLabelKeys:string[] maxSkew:int minDomains:int nodeAffinityPolicy nodeTaintsPolicy topologyKey whenUnsatisfiable",
  Affinity: "nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAffinity",
  NodeAffinity:
    "preferredDuringSchedulingIgnoredDuringExecution:PreferredSchedulingTerm[] requiredDuringSchedulingIgnoredDuringExecution:NodeSelector",
  PreferredSchedulingTerm: "preference:NodeSelectorTerm weight:int",
  NodeSelector: "nodeSelectorTerms:NodeSelectorTerm[]",
  NodeSelectorTerm: "matchExpressions:SelectorRequirement[] matchFields:SelectorRequirement[]",
  PodAffinity:
    "preferredDuringSchedulingIgnoredDuringExecution:WeightedPodAffinityTerm[] requiredDuringSchedulingIgnoredDuringExecution:PodAffinityTerm[]",
  WeightedPodAffinityTerm: "podAffinityTerm:PodAffinityTerm weight:int",
  PodAffinityTerm:
    "labelSelector:LabelSelector matchLabelKeys:string[] mismatchLabelKeys:string[] namespaceSelector:LabelSelector namespaces:string[] topologyKey",
  PodStatus:
    "conditions:Condition[] containerStatuses:any ephemeralContainerStatuses:any hostIP hostIPs:any initContainerStatuses:any message nominatedNodeName phase podIP podIPs:any qosClass reason resize resourceClaimStatuses:any startTime",
  ObjectReference: "apiVersion fieldPath kind name namespace resourceVersion uid",
};
