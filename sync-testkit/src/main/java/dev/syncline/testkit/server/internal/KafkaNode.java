package dev.syncline.testkit.server.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * Main class of the broker's JVM: formats the data directory if it is new, then runs the node.
 *
 * <p>Formatting here saves the second JVM that Kafka's own storage tool would need.
 */
public final class KafkaNode {

    private KafkaNode() {}

    /**
     * Runs until the process is told to end.
     *
     * @param args path of {@code server.properties}, data directory, cluster id, then any number of SCRAM users in the form of
     *     Kafka's storage tool
     * @throws Exception if the directory cannot be formatted
     */
    public static void main(String[] args) throws Exception {
        String directory = args[1];
        if (!Files.exists(Path.of(directory, "meta.properties"))) {
            Formatter formatter = new Formatter()
                    .setPrintStream(System.out)
                    .setNodeId(1)
                    .setClusterId(args[2])
                    .setDirectories(List.of(directory))
                    .setMetadataLogDirectory(directory)
                    .setControllerListenerName("CONTROLLER");
            List<String> users = List.of(args).subList(3, args.length);
            if (!users.isEmpty()) {
                formatter.setScramArguments(users);
            }
            formatter.run();
        }
        kafka.Kafka.main(new String[] {args[0]});
    }
}
