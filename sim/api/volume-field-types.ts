/**
 * Field types of volumes, in pods and as PersistentVolumes, in the notation of field-types.ts.
 * Scheduling looks at claims, at drivers of the Container Storage Interface and at the disks that
 * have limits or cannot be shared; all other sources are accepted and do nothing here (`~`).
 */
import type { FieldTypes } from "./field-types.ts";

export const VOLUME_FIELD_TYPES: FieldTypes = {
  Volume:
    "name awsElasticBlockStore:AWSElasticBlockStore azureDisk:AzureDisk ~azureFile:AzureFile ~cephfs:CephFS cinder:Cinder ~configMap:ConfigMapVolume csi:CSIVolume ~downwardAPI:DownwardAPIVolume ~emptyDir:EmptyDirVolume ephemeral:EphemeralVolume ~fc:FC ~flexVolume:FlexVolume ~flocker:Flocker gcePersistentDisk:GCEPersistentDisk ~gitRepo:GitRepo ~glusterfs:Glusterfs ~hostPath:HostPath iscsi:ISCSI ~nfs:NFS persistentVolumeClaim:PersistentVolumeClaimVolume ~photonPersistentDisk:PhotonPersistentDisk ~portworxVolume:Portworx ~projected:ProjectedVolume ~quobyte:Quobyte rbd:RBD ~scaleIO:ScaleIO ~secret:SecretVolume ~storageos:StorageOS ~vsphereVolume:VsphereVolume",
  AWSElasticBlockStore: "~fsType=ext4 ~partition:int readOnly:bool volumeID",
  AzureDisk: "~cachingMode=ReadWrite diskName diskURI ~fsType=ext4 ~kind=Shared ~readOnly:bool",
  AzureFile: "readOnly:bool secretName secretNamespace shareName",
  CephFS: "monitors:string[] path readOnly:bool secretFile secretRef:SecretReference user",
  Cinder: "~fsType=ext4 ~readOnly:bool ~secretRef:SecretReference volumeID",
  ConfigMapVolume: "defaultMode:int items:KeyToPath[] name optional:bool",
  KeyToPath: "key mode:int path",
  CSIVolume:
    "driver ~fsType ~nodePublishSecretRef:LocalObjectReference ~readOnly:bool ~volumeAttributes:map",
  DownwardAPIVolume: "defaultMode:int items:DownwardAPIFile[]",
  DownwardAPIFile:
    "fieldRef:ObjectFieldSelector mode:int path resourceFieldRef:ResourceFieldSelector",
  EmptyDirVolume: "medium sizeLimit:quantity",
  EphemeralVolume: "volumeClaimTemplate:PersistentVolumeClaimTemplate",
  FC: "fsType lun:int readOnly:bool targetWWNs:string[] wwids:string[]",
  FlexVolume: "driver fsType options:map readOnly:bool secretRef:SecretReference",
  Flocker: "datasetName datasetUUID",
  GCEPersistentDisk: "~fsType=ext4 ~partition:int pdName readOnly:bool",
  GitRepo: "directory repository revision",
  Glusterfs: "endpoints endpointsNamespace path readOnly:bool",
  HostPath: "path type",
  ISCSI:
    "~chapAuthDiscovery:bool ~chapAuthSession:bool ~fsType=ext4 ~initiatorName iqn ~iscsiInterface=default ~lun:int ~portals:string[] readOnly:bool ~secretRef:SecretReference ~targetPortal",
  NFS: "path readOnly:bool server",
  PersistentVolumeClaimVolume: "claimName ~readOnly:bool",
  PhotonPersistentDisk: "fsType pdID",
  Portworx: "fsType readOnly:bool volumeID",
  ProjectedVolume: "defaultMode:int sources:VolumeProjection[]",
  VolumeProjection:
    "clusterTrustBundle:ClusterTrustBundleProjection configMap:KeyProjection downwardAPI:DownwardAPIProjection secret:KeyProjection serviceAccountToken:TokenProjection",
  ClusterTrustBundleProjection: "labelSelector:LabelSelector name optional:bool path signerName",
  KeyProjection: "items:KeyToPath[] name optional:bool",
  DownwardAPIProjection: "items:DownwardAPIFile[]",
  TokenProjection: "audience expirationSeconds:int path",
  Quobyte: "group readOnly:bool registry tenant user volume",
  RBD: "~fsType=ext4 image ~keyring=/etc/ceph/keyring monitors:string[] pool readOnly:bool ~secretRef:SecretReference ~user=admin",
  ScaleIO:
    "fsType gateway protectionDomain readOnly:bool secretRef:SecretReference sslEnabled:bool storageMode storagePool system volumeName",
  SecretVolume: "defaultMode:int items:KeyToPath[] optional:bool secretName",
  StorageOS: "fsType readOnly:bool secretRef:ObjectReference volumeName volumeNamespace",
  VsphereVolume: "fsType storagePolicyID storagePolicyName volumePath",
  LocalVolume: "~fsType ~path",
  PersistentVolumeClaimTemplate: "metadata:ObjectMeta spec:PersistentVolumeClaimSpec",
  PersistentVolumeClaimSpec:
    "accessModes:string[] ~dataSource:TypedReference(atomic) ~dataSourceRef:TypedReference resources:VolumeResources selector:LabelSelector(atomic) storageClassName ~volumeAttributesClassName volumeMode volumeName",
  TypedReference: "apiGroup kind name namespace",
  VolumeResources: "~limits:quantities requests:quantities",
};
