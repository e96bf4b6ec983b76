package dev.sluice.router;

import dev.sluice.testkit.ControlPlane;
import dev.sluice.testkit.GoSources;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/// The routers' own CustomResourceDefinitions, from the Go modules that they are published in.
enum RouterCrds {
    HTTP_ROUTES("httproutes.gateway.networking.k8s.io", Source.GATEWAY, "httproutes.yaml"),
    GRPC_ROUTES("grpcroutes.gateway.networking.k8s.io", Source.GATEWAY, "grpcroutes.yaml"),
    TCP_ROUTES("tcproutes.gateway.networking.k8s.io", Source.GATEWAY, "tcproutes.yaml"),
    TLS_ROUTES("tlsroutes.gateway.networking.k8s.io", Source.GATEWAY, "tlsroutes.yaml"),
    VIRTUAL_SERVICES("virtualservices.networking.istio.io", Source.ISTIO, ""),
    DESTINATION_RULES("destinationrules.networking.istio.io", Source.ISTIO, ""),
    TRAFFIC_SPLITS("trafficsplits.split.smi-spec.io", Source.SMI, ""),
    TRAEFIK_SERVICES("traefikservices.traefik.io", Source.TRAEFIK, ""),
    MAPPINGS("mappings.getambassador.io", Source.EMISSARY, ""),
    APISIX_ROUTES("apisixroutes.apisix.apache.org", Source.APISIX, "");

    private enum Source {
        GATEWAY(
                "sigs.k8s.io/gateway-api@v1.4.0",
                "config/crd/experimental/gateway.networking.k8s.io_"),
        ISTIO("istio.io/api@v1.28.0", "kubernetes/customresourcedefinitions.gen.yaml"),
        SMI("github.com/traefik/mesh@v1.4.8", "integration/testdata/crds/smi-split.yaml"),
        TRAEFIK(
                "github.com/traefik/traefik/v3@v3.5.0",
                "docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml"),
        EMISSARY(
                "github.com/emissary-ingress/emissary/v3@v3.9.1",
                "manifests/emissary/emissary-crds.yaml.in"),
        APISIX(
                "github.com/apache/apisix-ingress-controller@v1.8.4",
                "samples/deploy/crd/v1/ApisixRoute.yaml");

        private final String module;
        private final String file;

        Source(String module, String file) {
            this.module = module;
            this.file = file;
        }
    }

    private final String crd;
    private final Source source;
    private final String file;

    RouterCrds(String crd, Source source, String file) {
        this.crd = crd;
        this.source = source;
        this.file = file;
    }

    /// Installs the definition and waits until its objects are served.
    void install(ControlPlane plane) {
        CustomResourceDefinition definition =
                plane.client()
                        .getKubernetesSerialization()
                        .unmarshal(document(), CustomResourceDefinition.class);
        definition.getSpec().setConversion(null); // no conversion webhook runs here
        definition.setStatus(null);
        plane.install(definition);
    }

    private String document() {
        try {
            String all =
                    Files.readString(GoSources.folder(source.module).resolve(source.file + file));
            for (String document : all.split("(?m)^---.*$", -1)) {
                if (document.contains("\n  name: " + crd + "\n")) {
                    return document;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the definition of " + crd, e);
        }
        throw new IllegalStateException(crd + " is not in " + source.module);
    }
}
