package dev.syncline.testkit.inputs;

import static dev.syncline.testkit.inputs.Gets.deadLetter;
import static dev.syncline.testkit.inputs.Gets.handled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.syncline.api.ConfigurationException;
import dev.syncline.runtime.Sync;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Inputs 26 to 29: schemas that would reach out, and those that nobody gets to the end of. */
final class SchemaInputs {

    private SchemaInputs() {}

    static final List<Input> ROWS = List.of(
            new Input(26, "`dataschema` that names a URL", "handled; nothing is fetched", SchemaInputs::aUrlAsSchema),
            handled(
                    26,
                    "`dataschema` that names a file",
                    g -> g.product().header("ce_dataschema", "file:///etc/passwd")),
            Input.own(
                    27,
                    "schema with a remote `$ref`",
                    "start refused; nothing is fetched",
                    SchemaInputs::aRemoteReference),
            Input.own(
                    27,
                    "schema that refers to itself in a circle",
                    "start refused",
                    directory -> refused(
                            directory, "{\"$ref\": \"#/$defs/a\", \"$defs\": {\"a\": {\"$ref\": \"#/$defs/a\"}}}")),
            Input.own(
                    27,
                    "schema of 10,000 levels",
                    "start refused",
                    directory -> refused(directory, "{\"not\":".repeat(10_000) + "true" + "}".repeat(10_000))),
            deadLetter(
                    28,
                    "a pattern that needs exponential time",
                    "validation.limit",
                    g -> g.type("coded")
                            .data("{\"title\":\"" + g.canary() + "\",\"code\":\"" + "a".repeat(60) + "!\"}")),
            deadLetter(
                    29,
                    "a recursion that doubles with each level",
                    "validation.limit",
                    g -> g.type("nested")
                            .data("{\"title\":\"" + g.canary() + "\",\"deep\":" + "[".repeat(30) + "\"x\""
                                    + "]".repeat(30) + "}")));

    private static void aUrlAsSchema(House house, Path directory) throws IOException {
        try (var listener = new Listener()) {
            var names = house.given(26);
            house.store(names.product().header("ce_dataschema", listener.url()));
            house.assertOthersGoOn(26);
            house.awaitHandled(names.id());
            listener.assertNobodyCame();
        }
    }

    private static void aRemoteReference(Path directory) throws IOException {
        try (var listener = new Listener()) {
            refused(directory, "{\"$ref\": \"" + listener.url() + "\"}");
            listener.assertNobodyCame();
        }
    }

    static void aVersionWithoutMapper(Path directory) {
        var builder = Sync.builder("gap")
                .broker("local:")
                .dataDirectory(directory.resolve("data"))
                .handlers(new Catalog.Shop())
                .payloads(Catalog.ProductV1.class);
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(builder::start)
                .withMessageContaining("ProductV1")
                .withMessageContaining("Catalog.Product");
    }

    /** Such a schema of a payload class does not even start. */
    private static void refused(Path directory, String schema) throws IOException {
        var schemas = directory.resolve("schemas");
        Files.createDirectories(schemas.resolve("catalog.product.changed"));
        Files.writeString(schemas.resolve("catalog.product.changed/2.json"), schema);
        var builder = Sync.builder("schemas")
                .broker("local:")
                .dataDirectory(directory.resolve("data"))
                .settings(Map.of("contracts.directory", schemas.toString()))
                .handlers(new Catalog.Shop())
                .mappers(new Catalog.Mappers());
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(builder::start)
                .withMessageContaining("catalog.product.changed v2");
    }

    /** A server that nobody may come to. */
    private static final class Listener implements AutoCloseable {

        private final ServerSocket socket;

        Listener() throws IOException {
            socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            socket.setSoTimeout(1);
        }

        String url() {
            return "http://127.0.0.1:" + socket.getLocalPort() + "/schema.json";
        }

        void assertNobodyCame() throws IOException {
            try (var visitor = socket.accept()) {
                assertThat(visitor).as("a connection to " + url()).isNull();
            } catch (SocketTimeoutException nobody) {
                // as it must be; connections wait in the backlog until they are accepted
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
