package dev.sluice.runtime.wiring;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/// The run in which the JVM learns what a service loads and runs when it starts (its AOT cache).
/// With `-Ddev.sluice.training-run=true` the service starts, asks itself for health and metrics,
/// and ends. The one who starts it so points it away from every real dependency.
@ApplicationScoped
class TrainingRun {

    private static final String SWITCH = "dev.sluice.training-run";
    private static final int ROUNDS = 8;
    private static final Logger LOG = Logger.getLogger(TrainingRun.class);

    /// The packaging plugin asks the application to end before it starts anything; most of what is
    /// to be learned comes after that.
    void go(@Observes @Initialized(ApplicationScoped.class) Object event) {
        if (Boolean.getBoolean(SWITCH)) {
            System.clearProperty("quarkus.appcds.generate");
        }
    }

    void start(@Observes @Priority(Integer.MAX_VALUE) StartupEvent event) {
        if (Boolean.getBoolean(SWITCH)) {
            Thread.ofVirtual().name("training-run").start(TrainingRun::run);
        }
    }

    private static void run() {
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (int i = 0; i < ROUNDS; i++) {
                TimeUnit.MILLISECONDS.sleep(250);
                get(http, "/q/health");
                get(http, "/q/metrics");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Quarkus.asyncExit(0);
        }
    }

    private static void get(HttpClient http, String path) throws InterruptedException {
        int port = ConfigProvider.getConfig().getValue("quarkus.http.port", Integer.class);
        try {
            var _ =
                    http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding());
        } catch (IOException e) {
            LOG.debugf("Training run: %s does not answer: %s", path, e);
        }
    }
}
