package dev.sluice.sync.adapter.k8s;

import dev.sluice.sync.app.GitCredentials;
import dev.sluice.sync.config.SyncConfig;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.RepoUrl;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/// Repository credentials from one Secret that is read by its name each time; Secrets are never
/// listed, watched or cached.
@ApplicationScoped
public class SecretCredentials implements GitCredentials {
    private final RawApi api;
    private final SyncConfig config;

    @Inject
    public SecretCredentials(RawApi api, SyncConfig config) {
        this.api = api;
        this.config = config;
    }

    @Override
    public Optional<UserPassword> of(String repoUrl) {
        return config.git()
                .credentialsSecret()
                .flatMap(
                        name -> {
                            RawApi.Answer answer =
                                    api.get(
                                            "/api/v1/namespaces/"
                                                    + config.controlPlaneNamespace()
                                                    + "/secrets/"
                                                    + name);
                            boolean labelled =
                                    JsonTrees.text(
                                                    answer.body(),
                                                    "metadata",
                                                    "labels",
                                                    "argocd.argoproj.io/secret-type")
                                            .equals("repository");
                            if (!answer.isFine()
                                    || !labelled
                                    || !RepoUrl.same(field(answer, "url"), repoUrl)) {
                                return Optional.empty();
                            }
                            return Optional.of(
                                    new UserPassword(
                                            field(answer, "username"), field(answer, "password")));
                        });
    }

    private static String field(RawApi.Answer answer, String name) {
        return new String(
                Base64.getDecoder().decode(JsonTrees.text(answer.body(), "data", name)),
                StandardCharsets.UTF_8);
    }
}
