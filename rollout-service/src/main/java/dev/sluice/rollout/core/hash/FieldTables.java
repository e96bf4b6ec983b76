package dev.sluice.rollout.core.hash;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The declared field order of the pod template's types, in a small notation.
///
/// One line per type. A field is `name`, then `!` (always emitted) or `*` (a pointer: kept even
/// when zero), then its shape: nothing for a scalar, `:T` a struct, `:[T]` a list of structs,
/// `:[]` a list of scalars, `:{}` a map of scalars, `:q` a quantity, `:{q}` a map of
/// quantities, `{…}` / `:[{…}]` an unnamed struct. `@T` inlines the fields of T.
final class FieldTables {
    sealed interface Shape {
        record Scalar() implements Shape {}

        record Quantity() implements Shape {}

        record ScalarList() implements Shape {}

        record ScalarMap() implements Shape {}

        record QuantityMap() implements Shape {}

        record Struct(String type) implements Shape {}

        record StructList(String type) implements Shape {}
    }

    record Field(String name, boolean always, boolean pointer, Shape shape) {}

    private static final String TABLES =
            """
            PodTemplateSpec: metadata!:ObjectMeta spec!:PodSpec
            ObjectMeta: name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds* labels:{} annotations:{} ownerReferences:[{apiVersion! kind! name! uid! controller* blockOwnerDeletion*}] finalizers:[]
            PodSpec: volumes:[Volume] initContainers:[Container] containers!:[Container] ephemeralContainers:[EphemeralContainer] restartPolicy terminationGracePeriodSeconds* activeDeadlineSeconds* dnsPolicy nodeSelector:{} serviceAccountName serviceAccount automountServiceAccountToken* nodeName hostNetwork hostPID hostIPC shareProcessNamespace* securityContext:PodSecurityContext imagePullSecrets:[LocalObjectReference] hostname subdomain affinity:Affinity schedulerName tolerations:[Toleration] hostAliases:[HostAlias] priorityClassName priority* dnsConfig:PodDNSConfig readinessGates:[{conditionType!}] runtimeClassName* enableServiceLinks* preemptionPolicy* overhead:{q} topologySpreadConstraints:[TopologySpreadConstraint] setHostnameAsFQDN* os:{name!} hostUsers* schedulingGates:[{name!}] resourceClaims:[{name! resourceClaimName* resourceClaimTemplateName*}] resources:ResourceRequirements hostnameOverride*
            Container: name! image command:[] args:[] workingDir ports:[{name hostPort containerPort! protocol hostIP}] envFrom:[EnvFromSource] env:[EnvVar] resources!:ResourceRequirements resizePolicy:[{resourceName! restartPolicy!}] restartPolicy* restartPolicyRules:[{action exitCodes:{operator values:[]}}] volumeMounts:[VolumeMount] volumeDevices:[{name! devicePath!}] livenessProbe:Probe readinessProbe:Probe startupProbe:Probe lifecycle:Lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext:SecurityContext stdin stdinOnce tty
            EphemeralContainer: @Container targetContainerName
            EnvFromSource: prefix configMapRef:{name optional*} secretRef:{name optional*}
            EnvVar: name! value valueFrom:{fieldRef:FieldRef resourceFieldRef:ResourceFieldRef configMapKeyRef:{name key! optional*} secretKeyRef:{name key! optional*} fileKeyRef:{volumeName! path! key! optional*}}
            FieldRef: apiVersion fieldPath!
            ResourceFieldRef: containerName resource! divisor!:q
            ResourceRequirements: limits:{q} requests:{q} claims:[{name! request}]
            VolumeMount: name! readOnly recursiveReadOnly* mountPath! subPath mountPropagation* subPathExpr
            HttpGet: path port! host scheme httpHeaders:[{name! value!}]
            Probe: exec:{command:[]} httpGet:HttpGet tcpSocket:{port! host} grpc:{port! service*!} initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold terminationGracePeriodSeconds*
            Handler: exec:{command:[]} httpGet:HttpGet tcpSocket:{port! host} sleep:{seconds!}
            Lifecycle: postStart:Handler preStop:Handler stopSignal*
            SeLinux: user role type level
            Windows: gmsaCredentialSpecName* gmsaCredentialSpec* runAsUserName* hostProcess*
            Profile: type! localhostProfile*
            SecurityContext: capabilities:{add:[] drop:[]} privileged* seLinuxOptions:SeLinux windowsOptions:Windows runAsUser* runAsGroup* runAsNonRoot* readOnlyRootFilesystem* allowPrivilegeEscalation* procMount* seccompProfile:Profile appArmorProfile:Profile
            PodSecurityContext: seLinuxOptions:SeLinux windowsOptions:Windows runAsUser* runAsGroup* runAsNonRoot* supplementalGroups:[] supplementalGroupsPolicy* fsGroup* sysctls:[{name! value!}] fsGroupChangePolicy* seccompProfile:Profile appArmorProfile:Profile seLinuxChangePolicy*
            Affinity: nodeAffinity:{requiredDuringSchedulingIgnoredDuringExecution:NodeSelector preferredDuringSchedulingIgnoredDuringExecution:[{weight! preference!:NodeSelectorTerm}]} podAffinity:PodAffinity podAntiAffinity:PodAffinity
            NodeSelector: nodeSelectorTerms!:[NodeSelectorTerm]
            NodeSelectorTerm: matchExpressions:[Requirement] matchFields:[Requirement]
            Requirement: key! operator! values:[]
            PodAffinity: requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm] preferredDuringSchedulingIgnoredDuringExecution:[{weight! podAffinityTerm!:PodAffinityTerm}]
            PodAffinityTerm: labelSelector:LabelSelector namespaces:[] topologyKey! namespaceSelector:LabelSelector matchLabelKeys:[] mismatchLabelKeys:[]
            LabelSelector: matchLabels:{} matchExpressions:[Requirement]
            Toleration: key operator value effect tolerationSeconds*
            HostAlias: ip! hostnames:[]
            TopologySpreadConstraint: maxSkew! topologyKey! whenUnsatisfiable! labelSelector:LabelSelector minDomains* nodeAffinityPolicy* nodeTaintsPolicy* matchLabelKeys:[]
            PodDNSConfig: nameservers:[] searches:[] options:[{name value*}]
            LocalObjectReference: name
            Volume: name! @VolumeSource
            VolumeSource: hostPath:{path! type*} emptyDir:{medium sizeLimit*:q} gcePersistentDisk:{pdName! fsType partition readOnly} awsElasticBlockStore:{volumeID! fsType partition readOnly} gitRepo:{repository! revision directory} secret:{secretName items:[KeyToPath] defaultMode* optional*} nfs:{server! path! readOnly} iscsi:{targetPortal! iqn! lun! iscsiInterface fsType readOnly portals:[] chapAuthDiscovery chapAuthSession secretRef:LocalObjectReference initiatorName*} glusterfs:{endpoints! path! readOnly} persistentVolumeClaim:{claimName! readOnly} rbd:{monitors!:[] image! fsType pool user keyring secretRef:LocalObjectReference readOnly} flexVolume:{driver! fsType secretRef:LocalObjectReference readOnly options:{}} cinder:{volumeID! fsType readOnly secretRef:LocalObjectReference} cephfs:{monitors!:[] path user secretFile secretRef:LocalObjectReference readOnly} flocker:{datasetName datasetUUID} downwardAPI:{items:[DownwardFile] defaultMode*} fc:{targetWWNs:[] lun* fsType readOnly wwids:[]} azureFile:{secretName! shareName! readOnly} configMap:{name items:[KeyToPath] defaultMode* optional*} vsphereVolume:{volumePath! fsType storagePolicyName storagePolicyID} quobyte:{registry! volume! readOnly user group tenant} azureDisk:{diskName! diskURI! cachingMode* fsType* readOnly* kind*} photonPersistentDisk:{pdID! fsType} projected:{sources!:[VolumeProjection] defaultMode*} portworxVolume:{volumeID! fsType readOnly} scaleIO:{gateway! system! secretRef!:LocalObjectReference sslEnabled protectionDomain storagePool storageMode volumeName fsType readOnly} storageos:{volumeName volumeNamespace fsType readOnly secretRef:LocalObjectReference} csi:{driver! readOnly* fsType* volumeAttributes:{} nodePublishSecretRef:LocalObjectReference} ephemeral:{volumeClaimTemplate:{metadata!:ObjectMeta spec!:PVCSpec}} image:{reference pullPolicy}
            KeyToPath: key! path! mode*
            DownwardFile: path! fieldRef:FieldRef resourceFieldRef:ResourceFieldRef mode*
            VolumeProjection: secret:{name items:[KeyToPath] optional*} downwardAPI:{items:[DownwardFile]} configMap:{name items:[KeyToPath] optional*} serviceAccountToken:{audience expirationSeconds* path!} clusterTrustBundle:{name* signerName* labelSelector:LabelSelector optional* path!} podCertificate:{signerName keyType maxExpirationSeconds* credentialBundlePath keyPath certificateChainPath}
            PVCSpec: accessModes:[] selector:LabelSelector resources!:{limits:{q} requests:{q}} volumeName storageClassName* volumeMode* dataSource:{apiGroup*! kind! name!} dataSourceRef:{apiGroup*! kind! name! namespace*} volumeAttributesClassName*
            """;

    private static final Map<String, List<Field>> TYPES = parseAll();

    private FieldTables() {}

    static List<Field> of(String type) {
        return TYPES.getOrDefault(type, List.of());
    }

    private static Map<String, List<Field>> parseAll() {
        Map<String, List<Field>> types = new HashMap<>();
        Map<String, String> bodies = new HashMap<>();
        TABLES.lines()
                .forEach(
                        line -> {
                            int colon = line.indexOf(": ");
                            bodies.put(line.substring(0, colon), line.substring(colon + 2));
                        });
        bodies.forEach(
                (name, body) -> types.put(name, new Parser(name, body, bodies, types).fields()));
        return types;
    }

    /// Reads one type's fields; unnamed structs become types named after their path.
    private static final class Parser {
        private final String owner;
        private final String text;
        private final Map<String, String> bodies;
        private final Map<String, List<Field>> types;
        private int at;

        Parser(
                String owner,
                String text,
                Map<String, String> bodies,
                Map<String, List<Field>> types) {
            this.owner = owner;
            this.text = text;
            this.bodies = bodies;
            this.types = types;
        }

        List<Field> fields() {
            List<Field> fields = new ArrayList<>();
            while (at < text.length() && text.charAt(at) != '}') {
                if (take(" ")) {
                    continue;
                }
                if (take("@")) {
                    String inlined = word();
                    fields.addAll(
                            new Parser(inlined, bodies.getOrDefault(inlined, ""), bodies, types)
                                    .fields());
                } else {
                    fields.add(field());
                }
            }
            return List.copyOf(fields);
        }

        private Field field() {
            String name = word();
            boolean pointer = take("*");
            boolean always = take("!");
            return new Field(name, always, pointer, take(":") ? shape(name) : new Shape.Scalar());
        }

        private Shape shape(String name) {
            if (take("{}")) {
                return new Shape.ScalarMap();
            }
            if (take("{q}")) {
                return new Shape.QuantityMap();
            }
            if (take("[]")) {
                return new Shape.ScalarList();
            }
            boolean list = take("[");
            String type;
            if (take("{")) {
                type = owner + "." + name;
                types.put(type, nested(type));
            } else {
                type = word();
            }
            if (list) {
                take("]");
                return new Shape.StructList(type);
            }
            return type.equals("q") ? new Shape.Quantity() : new Shape.Struct(type);
        }

        private List<Field> nested(String type) {
            Parser inner = new Parser(type, text, bodies, types);
            inner.at = at;
            List<Field> fields = inner.fields();
            at = inner.at + 1;
            return fields;
        }

        private String word() {
            int start = at;
            while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
                at++;
            }
            if (at == start) {
                throw new IllegalStateException("bad field table of " + owner + " at " + start);
            }
            return text.substring(start, at);
        }

        private boolean take(String token) {
            if (text.startsWith(token, at)) {
                at += token.length();
                return true;
            }
            return false;
        }
    }
}
