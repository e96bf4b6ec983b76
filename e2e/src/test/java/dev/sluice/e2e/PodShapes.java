package dev.sluice.e2e;

import java.util.LinkedHashMap;
import java.util.Map;

/// Pod templates with much that an API server, or a reader of templates, may fill in or write
/// differently: two controllers must find the same revision in them.
final class PodShapes {
    static final String PLAIN =
            """
            metadata:
              labels: {app: NAME}
            spec:
              containers:
                - {name: app, image: "example.test/app:v1"}
            """;

    private static final String ENV =
            """
            metadata:
              labels: {app: NAME, tier: web, "example.test/a": b}
              annotations: {note: "a<b & c>d é", zeta: "1", alpha: ""}
            spec:
              containers:
                - name: app
                  image: example.test/app:v1
                  env:
                    - {name: B, value: "2"}
                    - {name: EMPTY}
                    - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
                    - name: MEMORY
                      valueFrom:
                        resourceFieldRef: {containerName: app, resource: limits.memory, divisor: 1Mi}
                    - {name: A, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}
                    - {name: C, valueFrom: {configMapKeyRef: {name: c, key: k, optional: false}}}
                  envFrom:
                    - {prefix: X_, configMapRef: {name: all, optional: true}}
                  command: [sh, -c, "echo \\"$(B)\\"\\n"]
            """;

    private static final String RESOURCES =
            """
            metadata:
              labels: {app: NAME}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
                - name: app
                  image: example.test/app:v1
                  resources:
                    requests: {memory: 0.5Gi, cpu: 0.25}
                    limits: {memory: 1024Mi, cpu: 1000m}
                  resizePolicy:
                    - {resourceName: cpu, restartPolicy: NotRequired}
                - name: proxy
                  image: example.test/proxy
                  resources: {requests: {cpu: "0.001"}}
              initContainers:
                - {name: once, image: busybox, command: [sh, -c, "true"]}
                - {name: sidecar, image: "busybox:1", restartPolicy: Always}
            """;

    private static final String PROBES =
            """
            metadata:
              labels: {app: NAME}
            spec:
              containers:
                - name: app
                  image: example.test/app:v1
                  ports:
                    - {containerPort: 8080, name: http}
                    - {containerPort: 53, name: dns, protocol: UDP}
                  readinessProbe: {httpGet: {port: http}, periodSeconds: 5}
                  livenessProbe: {tcpSocket: {port: 8080}, initialDelaySeconds: 3}
                  startupProbe: {exec: {command: [cat, /tmp/up]}, failureThreshold: 30}
                  lifecycle: {preStop: {httpGet: {path: /bye, port: 8080}}}
                - name: rpc
                  image: example.test/rpc:v1
                  ports:
                    - {containerPort: 9000}
                  readinessProbe: {grpc: {port: 9000}}
                  lifecycle: {preStop: {sleep: {seconds: 5}}}
            """;

    private static final String VOLUMES =
            """
            metadata:
              labels: {app: NAME}
            spec:
              automountServiceAccountToken: false
              containers:
                - name: app
                  image: example.test/app:v1
                  volumeMounts:
                    - {name: tmp, mountPath: /tmp}
                    - {name: cfg, mountPath: /cfg, readOnly: true, subPath: a}
              volumes:
                - {name: tmp, emptyDir: {sizeLimit: 1024Mi}}
                - {name: bare, emptyDir: {}}
                - {name: cfg, configMap: {name: shop, items: [{key: a, path: a}], optional: true}}
                - {name: key, secret: {secretName: shop, optional: true}}
                - {name: host, hostPath: {path: /var/log}}
                - name: pod
                  downwardAPI:
                    items:
                      - {path: labels, fieldRef: {fieldPath: metadata.labels}}
                - name: mixed
                  projected:
                    sources:
                      - {serviceAccountToken: {path: token, audience: shop}}
                      - {configMap: {name: shop, optional: true}}
            """;

    private static final String PLACEMENT =
            """
            metadata:
              labels: {app: NAME}
            spec:
              serviceAccountName: default
              nodeSelector: {"kubernetes.io/os": linux}
              tolerations:
                - {key: spot, operator: Exists, effect: NoSchedule}
                - {key: "node.kubernetes.io/not-ready", operator: Exists, effect: NoExecute, tolerationSeconds: 30}
              topologySpreadConstraints:
                - maxSkew: 1
                  topologyKey: kubernetes.io/hostname
                  whenUnsatisfiable: ScheduleAnyway
                  labelSelector: {matchLabels: {app: NAME}}
              affinity:
                podAntiAffinity:
                  preferredDuringSchedulingIgnoredDuringExecution:
                    - weight: 50
                      podAffinityTerm:
                        topologyKey: kubernetes.io/hostname
                        labelSelector:
                          matchExpressions:
                            - {key: app, operator: In, values: [NAME]}
              securityContext: {runAsNonRoot: true, runAsUser: 0, fsGroup: 1000, seccompProfile: {type: RuntimeDefault}}
              hostAliases:
                - {ip: 10.0.0.1, hostnames: [a.test]}
              dnsConfig: {options: [{name: ndots, value: "2"}]}
              enableServiceLinks: false
              containers:
                - name: app
                  image: example.test/app:v1
                  imagePullPolicy: Always
                  securityContext:
                    allowPrivilegeEscalation: false
                    readOnlyRootFilesystem: true
                    capabilities: {drop: [ALL]}
                  args: []
                  stdin: false
            """;

    private PodShapes() {}

    /// By name; each with `NAME` for the application.
    static Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("plain", PLAIN);
        all.put("env", ENV);
        all.put("resources", RESOURCES);
        all.put("probes", PROBES);
        all.put("volumes", VOLUMES);
        all.put("placement", PLACEMENT);
        return all;
    }
}
