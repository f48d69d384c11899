/**
 * Field types of a pod's spec, in the notation of field-types.ts, where `~` marks what the
 * simulation accepts and does nothing with: what a program is told and may do (its command,
 * environment, files, rights), since programs are told by annotations what they do here.
 */
import type { FieldTypes } from "./field-types.ts";

const handler =
  "exec:ExecAction grpc:GRPCAction httpGet:HTTPGetAction tcpSocket:TCPSocketAction initialDelaySeconds:int timeoutSeconds:int periodSeconds:int successThreshold:int failureThreshold:int terminationGracePeriodSeconds:int";

const container =
  "~args:string[] ~command:string[] ~env:EnvVar[name] ~envFrom:EnvFromSource[] image imagePullPolicy lifecycle:Lifecycle livenessProbe:Probe name ports:ContainerPort[containerPort,protocol] readinessProbe:Probe ~resizePolicy:ContainerResizePolicy[] resources:ResourceRequirements restartPolicy ~securityContext:SecurityContext startupProbe:Probe ~stdin:bool ~stdinOnce:bool ~terminationMessagePath=/dev/termination-log ~terminationMessagePolicy=File ~tty:bool ~volumeDevices:VolumeDevice[devicePath] ~volumeMounts:VolumeMount[mountPath] ~workingDir";

export const POD_FIELD_TYPES: FieldTypes = {
  PodSpec:
    "activeDeadlineSeconds:int affinity:Affinity ~automountServiceAccountToken:bool containers:Container[name] ~dnsConfig:PodDNSConfig ~dnsPolicy=ClusterFirst ~enableServiceLinks=true:bool ~ephemeralContainers:EphemeralContainer[name] ~hostAliases:HostAlias[ip] ~hostIPC:bool hostNetwork:bool ~hostPID:bool ~hostUsers=true:bool ~hostname ~imagePullSecrets:LocalObjectReference[name] initContainers:Container[name] nodeName nodeSelector:map(atomic) ~os:PodOS overhead:quantities preemptionPolicy priority:int priorityClassName readinessGates:PodReadinessGate[] ~resourceClaims:PodResourceClaim[name](union) restartPolicy ~runtimeClassName schedulerName schedulingGates:SchedulingGate[name] ~securityContext:PodSecurityContext serviceAccount serviceAccountName ~setHostnameAsFQDN:bool ~shareProcessNamespace:bool ~subdomain terminationGracePeriodSeconds:int tolerations:Toleration[] topologySpreadConstraints:TopologySpreadConstraint[topologyKey,whenUnsatisfiable] volumes:Volume[name](union)",
  SchedulingGate: "name",
  PodReadinessGate: "conditionType",
  PodOS: "name",
  HostAlias: "hostnames:string[] ip",
  PodDNSConfig: "nameservers:string[] options:PodDNSConfigOption[] searches:string[]",
  PodDNSConfigOption: "name value",
  PodResourceClaim: "name source:ClaimSource",
  ClaimSource: "resourceClaimName resourceClaimTemplateName",
  LocalObjectReference: "name",
  SecretReference: "name namespace",
  PodSecurityContext:
    "appArmorProfile:AppArmorProfile fsGroup:int fsGroupChangePolicy runAsGroup:int runAsNonRoot:bool runAsUser:int seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile(union) supplementalGroups:int[] sysctls:Sysctl[] windowsOptions:WindowsOptions",
  Sysctl: "name value",
  AppArmorProfile: "localhostProfile type",
  SeccompProfile: "localhostProfile type",
  SELinuxOptions: "level role type user",
  WindowsOptions: "gmsaCredentialSpec gmsaCredentialSpecName hostProcess:bool runAsUserName",

  Container: container,
  EphemeralContainer: `${container} targetContainerName`,
  SecurityContext:
    "allowPrivilegeEscalation:bool appArmorProfile:AppArmorProfile capabilities:Capabilities privileged:bool procMount readOnlyRootFilesystem:bool runAsGroup:int runAsNonRoot:bool runAsUser:int seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsOptions",
  Capabilities: "add:string[] drop:string[]",
  EnvVar: "name value valueFrom:EnvVarSource",
  EnvVarSource:
    "configMapKeyRef:KeySelector(atomic) fieldRef:ObjectFieldSelector(atomic) resourceFieldRef:ResourceFieldSelector(atomic) secretKeyRef:KeySelector(atomic)",
  KeySelector: "key name optional:bool",
  ObjectFieldSelector: "apiVersion fieldPath",
  ResourceFieldSelector: "containerName divisor:quantity resource",
  EnvFromSource: "configMapRef:OptionalReference prefix secretRef:OptionalReference",
  OptionalReference: "name optional:bool",
  ContainerPort: "containerPort:int hostIP hostPort:int name protocol",
  ContainerResizePolicy: "resourceName restartPolicy",
  ResourceRequirements: "~claims:ResourceClaimName[name] limits:quantities requests:quantities",
  ResourceClaimName: "name",
  VolumeMount:
    "mountPath mountPropagation name readOnly:bool recursiveReadOnly subPath subPathExpr",
  VolumeDevice: "devicePath name",

  Lifecycle: "~postStart:LifecycleHandler preStop:PreStopHandler",
  LifecycleHandler:
    "exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction",
  PreStopHandler:
    "exec:ExecAction ~httpGet:HTTPGetAction sleep:SleepAction ~tcpSocket:TCPSocketAction",
  SleepAction: "seconds:int",
  Probe: handler,
  ExecAction: "command:string[]",
  GRPCAction: "port:int service",
  HTTPGetAction: "host httpHeaders:HTTPHeader[] path port:intstr scheme",
  HTTPHeader: "name value",
  TCPSocketAction: "host port:intstr",
};
