package dev.syncline.runtime.internal.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import dev.syncline.api.ContractException;
import dev.syncline.spi.Bytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad inputs are those of the guarantees, by number. */
class SchemaContractsTest {

    private static final String PERSON = "contract.person.changed";
    private static final String JSON = "application/json";

    @TempDir
    Path directory;

    @Test
    void input25_violationsAreNamedByPointerAndWithoutValues() {
        var contracts = onClassPath();

        assertThatExceptionOfType(ContractException.class)
                .isThrownBy(() -> contracts.check(
                        PERSON, 1, JSON, Bytes.utf8("{\"address\":{\"zip\":\"secret\",\"street\":\"hidden\"}}")))
                .withMessageContaining("/ required \"name\"")
                .withMessageContaining("/address/zip pattern")
                .withMessageContaining("/address additionalProperties \"street\"")
                .satisfies(violated -> {
                    assertThat(violated.code()).isEqualTo("contract.violated");
                    assertThat(violated.getMessage()).doesNotContain("secret").doesNotContain("hidden");
                });
    }

    @Test
    void dataThatKeepsItsContractPasses() {
        onClassPath().check(PERSON, 1, JSON, Bytes.utf8("{\"name\":\"Ada\",\"address\":{\"zip\":\"12345\"}}"));
    }

    @ParameterizedTest
    @CsvSource({PERSON + ", 2", "contract.nobody.changed, 1"})
    void typesAndVersionsWithoutASchemaPass(String type, int version) {
        var contracts = onClassPath();

        assertThat(contracts.load(type, version)).isFalse();
        assertThatCode(() -> contracts.check(type, version, JSON, Bytes.utf8("no JSON at all")))
                .doesNotThrowAnyException();
    }

    @Test
    void aDirectoryComesFirst() throws IOException {
        var contracts = inDirectory(PERSON, "{\"type\":\"array\"}");

        contracts.check(PERSON, 1, JSON, Bytes.utf8("[]"));
        assertThat(contracts.loaded()).containsExactly(PERSON + " v1");
    }

    @Test
    void malformedDataIsNoViolation() {
        assertThatExceptionOfType(ContractException.class)
                .isThrownBy(() -> onClassPath().check(PERSON, 1, JSON, Bytes.utf8("{\"name\":")))
                .satisfies(malformed -> assertThat(malformed.code()).isEqualTo("payload.malformed"));
    }

    @Test
    void dataThatIsNotJsonViolatesAJsonSchema() {
        assertThatExceptionOfType(ContractException.class)
                .isThrownBy(() -> onClassPath().check(PERSON, 1, "text/xml", Bytes.utf8("<a/>")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc/passwd", "a/b", "..", "a..b", "C:\\x", "a\u0000b", "", "file:x"})
    void noTypeNamesAFileElsewhere(String type) throws IOException {
        Files.writeString(directory.resolve("1.json"), "false");
        var contracts =
                new SchemaContracts(directory.resolve("inner"), getClass().getClassLoader(), 1 << 20);

        assertThat(contracts.load(type, 1)).isFalse();
    }

    @Test
    void input26_27_nothingIsEverFetched() throws IOException {
        var asked = new AtomicInteger();
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        try {
            var uri = "http://127.0.0.1:" + server.getAddress().getPort() + "/s.json";
            for (var schema : new String[] {
                "{\"$ref\":\"" + uri + "\"}",
                "{\"properties\":{\"a\":{\"$ref\":\"" + uri + "#/x\"}}}",
                "{\"$schema\":\"" + uri + "\"}",
                "{\"$ref\":\"" + directory.resolve("x.json").toUri() + "\"}",
                "{\"$ref\":\"classpath:META-INF/syncline/schemas/contract.person.changed/1.json\"}"
            }) {
                assertUnusable(schema);
            }
            assertThat(asked).hasValue(0);
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"$ref\":\"#\"}",
                "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"$ref\":\"#/$defs/a\"}}}",
                "{\"$ref\":\"#/nowhere\"}",
                "[]",
                "\"x\"",
                "{",
                "{\"type\":\"string\",\"type\":\"object\"}",
                "{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}",
                "{\"pattern\":\"(\"}"
            })
    void input27_schemasThatCannotWorkAreRefused(String schema) throws IOException {
        assertUnusable(schema);
    }

    @Test
    void input27_aDeepSchemaIsRefused() throws IOException {
        assertUnusable("{\"not\":".repeat(10_000) + "{}" + "}".repeat(10_000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(.*a){12}$", "^(.*)(.*)(.*)(.*)\\\\5$"})
    void input28_aPatternGivesUp(String pattern) throws IOException {
        assertLimit(inDirectory("t", "{\"pattern\":\"" + pattern + "\"}"), "\"" + "a".repeat(60) + "!\"");
    }

    /** The matcher of the JDK remembers some of what it tried, so these end without the limit; that may change. */
    @ParameterizedTest
    @ValueSource(strings = {"(a+)+$", "^(a|aa)+$", "(x+x+)+y", "^(a?){60}a{61}$"})
    void input28_aPatternEndsOneWayOrTheOther(String pattern) throws IOException {
        var contracts = inDirectory("t", "{\"pattern\":\"" + pattern + "\"}");

        assertThatExceptionOfType(ContractException.class)
                .isThrownBy(() -> contracts.check("t", 1, JSON, Bytes.utf8("\"" + "a".repeat(40) + "!\"")));
    }

    @Test
    void input28_aPatternThatOverflowsTheStackGivesUp() throws IOException {
        assertLimit(inDirectory("t", "{\"pattern\":\"^(a|b)*$\"}"), "\"" + "ab".repeat(100_000) + "\"");
    }

    @Test
    void input29_recursionThatDoublesGivesUp() throws IOException {
        var schema =
                "{\"anyOf\":[{\"items\":{\"$ref\":\"#\"}},{\"items\":{\"$ref\":\"#\"}}],\"not\":{\"type\":\"string\"}}";

        assertLimit(inDirectory("t", schema), "[".repeat(30) + "\"x\"" + "]".repeat(30));
    }

    @Test
    void recursiveDataWithinReasonPasses() throws IOException {
        var contracts = inDirectory(
                "t", "{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#\"}},\"required\":[\"v\"]}");

        contracts.check("t", 1, JSON, Bytes.utf8("{\"v\":1,\"next\":".repeat(40) + "{\"v\":1}" + "}".repeat(40)));
    }

    @Test
    void largeDataWithinReasonPasses() throws IOException {
        var contracts =
                inDirectory("t", "{\"items\":{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}}}}");

        contracts.check("t", 1, JSON, Bytes.utf8("[" + "{\"n\":1},".repeat(10_000) + "{\"n\":2}]"));
    }

    @Test
    void aDollarIsTheVeryEnd() throws IOException {
        var contracts = inDirectory("t", "{\"pattern\":\"^[0-9]+$\"}");

        contracts.check("t", 1, JSON, Bytes.utf8("\"12\""));
        assertThatExceptionOfType(ContractException.class)
                .isThrownBy(() -> contracts.check("t", 1, JSON, Bytes.utf8("\"12\\n\"")));
    }

    @Test
    void theListOfViolationsIsCapped() throws IOException {
        var contracts = inDirectory("t", "{\"items\":{\"type\":\"integer\"}}");

        assertThatExceptionOfType(ContractException.class)
                .isThrownBy(() -> contracts.check("t", 1, JSON, Bytes.utf8("[" + "\"x\",".repeat(5_000) + "1]")))
                .satisfies(violated -> assertThat(violated.getMessage()).hasSizeLessThan(1000));
    }

    private void assertLimit(SchemaContracts contracts, String data) {
        long before = System.nanoTime();
        assertThatExceptionOfType(ContractException.class)
                .isThrownBy(() -> contracts.check("t", 1, JSON, Bytes.utf8(data)))
                .satisfies(limit -> assertThat(limit.code()).isEqualTo("validation.limit"));
        assertThat(System.nanoTime() - before)
                .as("generous: the unlimited ones take for ever")
                .isLessThan(5_000_000_000L);
    }

    private void assertUnusable(String schema) throws IOException {
        var contracts = inDirectory("t", schema);
        assertThatExceptionOfType(ContractException.class)
                .as(schema)
                .isThrownBy(() -> contracts.load("t", 1))
                .satisfies(unusable -> assertThat(unusable.code()).isEqualTo("contract.unusable"));
    }

    private SchemaContracts onClassPath() {
        return new SchemaContracts(null, getClass().getClassLoader(), 1 << 20);
    }

    private SchemaContracts inDirectory(String type, String schema) throws IOException {
        var file = Files.createDirectories(directory.resolve(type)).resolve("1.json");
        Files.write(file, schema.getBytes(UTF_8));
        return new SchemaContracts(directory, getClass().getClassLoader(), 1 << 20);
    }
}
