package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Secret;
import dev.syncline.broker.redis.RedisOptions.Verification;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.BrokerProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionParserTest {

    @Test
    void providerIsFoundByItsSchemes() {
        assertThat(ServiceLoader.load(BrokerProvider.class))
                .anySatisfy(provider -> assertThat(provider.schemes()).containsExactlyInAnyOrder("redis", "rediss"));
    }

    @Nested
    class Good {

        @Test
        void defaultsAreTheDocumentedOnes() {
            var options = parse("redis://db");

            assertThat(options.host()).isEqualTo("db");
            assertThat(options.port()).isEqualTo(6379);
            assertThat(options.database()).isZero();
            assertThat(options.user()).isNull();
            assertThat(options.password()).isNull();
            assertThat(options.tls()).isNull();
            assertThat(options.partitions()).isEmpty();
            assertThat(options.createsTopics()).isFalse();
            assertThat(options.leaseTime()).isEqualTo(Duration.ofSeconds(15));
            assertThat(options.pollTimeout()).isEqualTo(Duration.ofMinutes(5));
            assertThat(options.connectTimeout()).isEqualTo(Duration.ofSeconds(5));
            assertThat(options.commandTimeout()).isEqualTo(Duration.ofSeconds(5));
            assertThat(options.retentionTime()).isEqualTo(Duration.ofDays(7));
            assertThat(options.retentionEntries()).isZero();
        }

        @Test
        void uriSaysAlmostEverything() {
            var options = parse(
                    "redis://app:s%40cret@db.example:7000/3?topics.partitions=12&topics.create=true&lease.time=30s");

            assertThat(options.host()).isEqualTo("db.example");
            assertThat(options.port()).isEqualTo(7000);
            assertThat(options.database()).isEqualTo(3);
            assertThat(options.user()).isEqualTo("app");
            assertThat(options.password()).isEqualTo(Secret.of("s@cret"));
            assertThat(options.partitions()).hasValue(12);
            assertThat(options.createsTopics()).isTrue();
            assertThat(options.leaseTime()).isEqualTo(Duration.ofSeconds(30));
            assertThat(options.address()).isEqualTo("redis://db.example:7000/3");
        }

        @Test
        void optionsBeatTheUri() {
            var options =
                    parse("redis://app:old@db", Map.of("user", "other", "password", Secret.of("new"), "database", "2"));

            assertThat(options.user()).isEqualTo("other");
            assertThat(options.password()).isEqualTo(Secret.of("new"));
            assertThat(options.database()).isEqualTo(2);
        }

        @Test
        void addressOfVersion6MayBeGiven() {
            var options = parse("redis://[::1]:7000");

            assertThat(options.host()).isEqualTo("::1");
            assertThat(options.port()).isEqualTo(7000);
            assertThat(parse("redis://[::1]").port()).isEqualTo(6379);
        }

        @ParameterizedTest
        @CsvSource({"500ms, 500", "15s, 15000", "5m, 300000", "12h, 43200000", "7d, 604800000"})
        void durationsHaveAUnit(String text, long millis) {
            assertThat(parse("redis://db?retention.time=" + text).retentionTime())
                    .isEqualTo(Duration.ofMillis(millis));
        }

        @Test
        void retentionMayBeUnlimited() {
            var options = parse("redis://db?retention.time=unlimited&retention.entries=unlimited");

            assertThat(options.retentionTime()).isNull();
            assertThat(options.retentionEntries()).isZero();
        }

        @Test
        void tlsIsVerifiedInFullUnlessSaidOtherwise() {
            assertThat(parse("rediss://db").tls()).isEqualTo(new RedisOptions.Tls(Verification.FULL, null, null, null));
            assertThat(parse("rediss://db?tls.verify=ca").tls())
                    .isEqualTo(new RedisOptions.Tls(Verification.CA, null, null, null));
        }
    }

    @Nested
    class Bad {

        @Test
        void unknownOptionsAreAllNamedWithWhatWasMeant() {
            assertProblems(
                    "redis://db?lease.tiem=1s&partition=3&partitions=3",
                    "option \"lease.tiem\" is not known; did you mean \"lease.time\"?",
                    "option \"partition\" is not known; did you mean \"topics.partitions\"?",
                    "option \"partitions\" is not known; did you mean \"topics.partitions\"?");
        }

        @Test
        void everythingWrongIsSaidAtOnce() {
            assertProblems(
                    "redis://a:1,b:2/x?topics.partitions=0&topics.create=yes&lease.time=5&command.timeout=1d&retention.entries=-1",
                    "several hosts",
                    "number of the database, not \"x\"",
                    "option \"topics.partitions\" is a number from 1 to 4096, not \"0\"",
                    "option \"topics.create\" is true or false, not \"yes\"",
                    "option \"lease.time\" is a duration such as 500ms, 15s, 5m, 12h or 7d, not \"5\"",
                    "option \"command.timeout\" lies between 10ms and 600s, which 1d does not",
                    "option \"retention.entries\" is a number from 1 on, not \"-1\"");
        }

        @Test
        void hostIsNeeded() {
            assertProblems("redis:", "names no host");
        }

        @ParameterizedTest
        @CsvSource({"redis://db:0", "redis://db:70000", "redis://db:x"})
        void portIsAPort(String uri) {
            assertProblems(uri, "is no port");
        }

        @Test
        void databaseIsSaidOnce() {
            assertProblems("redis://db/3?database=4", "option \"database\" is 4, but the path of the URI says 3");
        }

        @Test
        void tlsOptionsNeedTls() {
            assertProblems("redis://db?tls.verify=none", "write rediss:// instead of redis://");
        }

        @Test
        void verificationIsOneOfThree() {
            assertProblems("rediss://db?tls.verify=maybe", "option \"tls.verify\" is full, ca or none");
        }

        @Test
        void filesMustBeThere() {
            assertProblems("rediss://db?tls.ca=/no/such/file.pem", "/no/such/file.pem, which is no readable file");
        }

        @Test
        void filesMustHoldCertificates(@TempDir Path directory) throws IOException {
            var empty = Files.createFile(directory.resolve("empty.pem"));
            var garbage = Files.writeString(directory.resolve("garbage.pem"), "not a certificate");

            assertProblems("rediss://db?tls.ca=" + empty, "no certificate");
            assertProblems("rediss://db?tls.ca=" + garbage, "no certificate");
        }

        @Test
        void certificateAndKeyBelongTogether(@TempDir Path directory) throws IOException {
            var file = Files.createFile(directory.resolve("key.pem"));

            assertProblems("rediss://db?tls.key=" + file, "belong together");
        }

        @Test
        void secretsAreNeverShown() {
            assertThatThrownBy(
                            () -> parse("redis://app:canary@db?x=1", Map.of("topics.partitions", Secret.of("canary"))))
                    .isInstanceOf(ConfigurationException.class)
                    .message()
                    .doesNotContain("canary");
            assertThat(parse("redis://app:canary@db").toString()).doesNotContain("canary");
        }

        private void assertProblems(String uri, String... parts) {
            assertThatThrownBy(() -> parse(uri)).isInstanceOfSatisfying(ConfigurationException.class, failure -> {
                assertThat(failure.problems()).hasSize(parts.length);
                for (var part : parts) {
                    assertThat(failure.problems()).anyMatch(problem -> problem.contains(part), part);
                }
                assertThat(failure.problems()).allMatch(problem -> problem.startsWith("broker \"cache\": "));
            });
        }
    }

    private static RedisOptions parse(String uri) {
        return parse(uri, Map.of());
    }

    private static RedisOptions parse(String uri, Map<String, Object> options) {
        var address = BrokerAddress.parse(uri);
        var all = new HashMap<String, Object>(address.parameters());
        all.putAll(options);
        return OptionParser.parse(new BrokerContext("test", "cache", address, all, InstantSource.system()));
    }

    @Test
    void nearestNameHasTheFewestDifferences() {
        assertThat(Nearest.of("paswort", List.of("partitions", "password", "user")))
                .isEqualTo("password");
        assertThat(Nearest.of("partition", List.of("topics.partitions", "password")))
                .isEqualTo("topics.partitions");
    }
}
