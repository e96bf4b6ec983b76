package dev.sluice.sync.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Settings of sync-service. A service with a setting that makes no sense does not start.
@ConfigMapping(prefix = "sluice.sync")
public interface SyncConfig {
    /// Namespace whose Applications are named without their namespace in tracking ids, and that
    /// holds AppProjects.
    @WithDefault("argocd")
    String controlPlaneNamespace();

    /// Time between two looks at Git, counted per application; 0 turns polling off.
    @WithDefault("120s")
    Duration reconciliation();

    /// Random addition to each polling period.
    @WithDefault("60s")
    Duration reconciliationJitter();

    /// How long a list of references is believed; a requested refresh and every operation look
    /// anew.
    @WithDefault("30s")
    Duration revisionCache();

    /// An operation that takes longer is terminated; 0 means never.
    @WithDefault("0s")
    Duration syncTimeout();

    /// Pause between two waves.
    @WithDefault("2s")
    Duration waveDelay();

    Git git();

    Kustomize kustomize();

    Limits limits();

    Webhook webhook();

    /// Git access.
    interface Git {
        /// Folder of the bare repository caches; unset: a private folder below the system's
        /// temporary folder.
        Optional<Path> cache();

        /// Bound of one network call.
        @WithDefault("30s")
        Duration timeout();

        /// Name of the Secret, in the control-plane namespace, that has `url`, `username` and
        /// `password` for private repositories. Secrets are read by name and never listed.
        Optional<String> credentialsSecret();
    }

    /// The kustomize program.
    interface Kustomize {
        @WithDefault("kustomize")
        String path();

        @WithDefault("60s")
        Duration timeout();

        /// Address space of one run.
        @WithDefault("4096")
        @Min(256)
        int memoryMegabytes();
    }

    /// Sizes that a source may have.
    interface Limits {
        /// All manifests of one application together.
        @WithDefault("10485760")
        @Min(1024)
        long manifests();

        /// One object: what the API server and etcd take.
        @WithDefault("1572864")
        @Min(1024)
        long object();

        /// The checkout that kustomize gets.
        @WithDefault("104857600")
        @Min(1024)
        long workspace();
    }

    /// The webhook.
    interface Webhook {
        /// Secret of GitHub-style signatures; unset: pushes are taken unsigned, as hints.
        Optional<String> githubSecret();

        /// Largest body.
        @WithDefault("5242880")
        @Min(1024)
        int maxBody();
    }
}
