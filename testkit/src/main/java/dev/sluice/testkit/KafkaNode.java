package dev.sluice.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import kafka.Kafka;
import kafka.tools.StorageTool;

/// The main class of the broker's JVM: formats the data folder when it is new, then runs Kafka.
final class KafkaNode {
    /// Any fixed id will do: every stack has its own data folder and port.
    private static final String CLUSTER_ID = "c2x1aWNlLWxvY2FsLTAwMQ";

    private KafkaNode() {}

    public static void main(String[] arguments) {
        var configuration = Path.of(arguments[0]);
        if (!Files.exists(configuration.resolveSibling("data").resolve("meta.properties"))) {
            int code =
                    StorageTool.execute(
                            new String[] {
                                "format", "-t", CLUSTER_ID, "-c", configuration.toString()
                            },
                            System.out);
            if (code != 0) {
                System.exit(code);
            }
        }
        Kafka.main(new String[] {configuration.toString()});
    }
}
