package dev.syncline.broker.redis;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Secret;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.StateContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the options of a broker or a store and lists everything that is wrong with them at once. One for each. */
final class OptionParser {

    private static final int DEFAULT_PORT = 6379;
    private static final int MAX_PARTITIONS = 4096;
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
    private static final String UNLIMITED = "unlimited";

    private final String owner;
    private final BrokerAddress address;
    private final Map<String, Object> unread;
    private final TreeSet<String> known = new TreeSet<>();
    private final List<String> problems = new ArrayList<>();

    private OptionParser(String owner, BrokerAddress address, Map<String, Object> options) {
        this.owner = owner;
        this.address = address;
        this.unread = new HashMap<>(options);
    }

    /**
     * The options.
     *
     * @throws ConfigurationException naming every unknown or unusable one
     */
    static RedisOptions parse(BrokerContext context) {
        var owner = "broker \"" + context.name() + "\"";
        return new OptionParser(owner, context.address(), context.options()).options();
    }

    /**
     * The options of a store of shared state, which are those of the connection.
     *
     * @throws ConfigurationException naming every unknown or unusable one
     */
    static RedisOptions parse(StateContext context) {
        return new OptionParser("state store", context.address(), context.options()).connectionOptions();
    }

    private RedisOptions connectionOptions() {
        var options = new RedisOptions(
                host(address.hosts()),
                port(address.hosts()),
                database(address.path()),
                user(address.user()),
                password(address.password()),
                tls(address.scheme().equals("rediss")),
                OptionalInt.empty(),
                false,
                Duration.ZERO,
                Duration.ZERO,
                connectTimeout(),
                commandTimeout(),
                null,
                0);
        refuseTheRest();
        return options;
    }

    private RedisOptions options() {
        var host = host(address.hosts());
        int port = port(address.hosts());
        var partitions = text("topics.partitions");
        var options = new RedisOptions(
                host,
                port,
                database(address.path()),
                user(address.user()),
                password(address.password()),
                tls(address.scheme().equals("rediss")),
                partitions == null
                        ? OptionalInt.empty()
                        : OptionalInt.of((int) number("topics.partitions", partitions, 1, MAX_PARTITIONS)),
                flag("topics.create"),
                duration("lease.time", Duration.ofSeconds(15), Duration.ofMillis(100), Duration.ofHours(1)),
                duration("poll.timeout", Duration.ofMinutes(5), Duration.ofMillis(100), Duration.ofDays(1)),
                connectTimeout(),
                commandTimeout(),
                retentionTime(),
                retentionEntries());
        refuseTheRest();
        return options;
    }

    private Duration connectTimeout() {
        return duration("connect.timeout", Duration.ofSeconds(5), Duration.ofMillis(10), Duration.ofMinutes(10));
    }

    private Duration commandTimeout() {
        return duration("command.timeout", Duration.ofSeconds(5), Duration.ofMillis(10), Duration.ofMinutes(10));
    }

    private void refuseTheRest() {
        for (var name : new TreeSet<>(unread.keySet())) {
            problem(
                    name,
                    "is not known; did you mean \"" + Nearest.of(name, known) + "\"? There are: "
                            + String.join(", ", known));
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    private String host(String hosts) {
        if (hosts.isEmpty()) {
            problems.add(owner + ": the URI names no host; write redis://host:6379");
        } else if (hosts.contains(",")) {
            problems.add(owner + ": the URI names several hosts; Redis Cluster and Sentinel are not supported, "
                    + "name the one master");
        }
        int colon = portColon(hosts);
        var host = colon < 0 ? hosts : hosts.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    private int port(String hosts) {
        int colon = portColon(hosts);
        if (colon < 0 || hosts.contains(",")) {
            return DEFAULT_PORT;
        }
        var port = hosts.substring(colon + 1);
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65535) {
            problems.add(owner + ": \"" + port + "\" is no port; write redis://host:6379");
            return DEFAULT_PORT;
        }
        return Integer.parseInt(port);
    }

    private static int portColon(String hosts) {
        int colon = hosts.lastIndexOf(':');
        return colon > hosts.lastIndexOf(']') ? colon : -1;
    }

    private int database(String path) {
        var option = text("database");
        if (option != null && !path.isEmpty() && !option.equals(path)) {
            problem("database", "is " + option + ", but the path of the URI says " + path + "; drop one of them");
        }
        if (option != null) {
            return (int) number("database", option, 0, Integer.MAX_VALUE);
        }
        if (path.isEmpty()) {
            return 0;
        }
        if (!path.matches("[0-9]{1,9}")) {
            problems.add(owner + ": the path of the URI is the number of the database, not \"" + path + "\"");
            return 0;
        }
        return Integer.parseInt(path);
    }

    private @Nullable Secret password(@Nullable Secret ofAddress) {
        known.add("password");
        var option = unread.remove("password");
        if (option == null) {
            return ofAddress;
        }
        return option instanceof Secret secret ? secret : Secret.of(option.toString());
    }

    private RedisOptions.@Nullable Tls tls(boolean encrypted) {
        var verify = text("tls.verify");
        var authority = certificates("tls.ca");
        var certificate = certificates("tls.cert");
        var key = file("tls.key");
        if (!encrypted) {
            if (verify != null || authority != null || certificate != null || key != null) {
                problems.add(owner + ": options tls.… need TLS; write rediss:// instead of redis://");
            }
            return null;
        }
        if ((certificate == null) != (key == null)) {
            problem("tls.cert", "and option \"tls.key\" belong together; give both or none");
        }
        var verification = RedisOptions.Verification.FULL;
        if (verify != null) {
            try {
                verification = RedisOptions.Verification.valueOf(verify.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException unknown) {
                problem("tls.verify", "is full, ca or none, not \"" + verify + "\"");
            }
        }
        return new RedisOptions.Tls(verification, authority, certificate, key);
    }

    private @Nullable Path certificates(String name) {
        var path = file(name);
        if (path != null && Files.isReadable(path)) {
            try (var in = Files.newInputStream(path)) {
                if (CertificateFactory.getInstance("X.509")
                        .generateCertificates(in)
                        .isEmpty()) {
                    problem(name, "names " + path + ", in which there is no certificate");
                }
            } catch (IOException | CertificateException unreadable) {
                problem(name, "names " + path + ", which holds no certificates in PEM: " + unreadable.getMessage());
            }
        }
        return path;
    }

    private @Nullable Path file(String name) {
        var text = text(name);
        if (text == null) {
            return null;
        }
        try {
            var path = Path.of(text);
            if (!Files.isReadable(path)) {
                problem(name, "names " + text + ", which is no readable file");
            }
            return path;
        } catch (InvalidPathException malformed) {
            problem(name, "names no file: " + malformed.getReason());
            return null;
        }
    }

    private @Nullable Duration retentionTime() {
        var text = text("retention.time");
        return text == null
                ? Duration.ofDays(7)
                : text.equals(UNLIMITED)
                        ? null
                        : duration("retention.time", text, Duration.ofMillis(1), Duration.ofDays(36_500));
    }

    private long retentionEntries() {
        var text = text("retention.entries");
        return text == null || text.equals(UNLIMITED) ? 0 : number("retention.entries", text, 1, Long.MAX_VALUE);
    }

    private Duration duration(String name, Duration standard, Duration least, Duration most) {
        var text = text(name);
        return text == null ? standard : duration(name, text, least, most);
    }

    private Duration duration(String name, String text, Duration least, Duration most) {
        var parts = DURATION.matcher(text);
        if (!parts.matches()) {
            problem(name, "is a duration such as 500ms, 15s, 5m, 12h or 7d, not \"" + text + "\"");
            return least;
        }
        long count = Long.parseLong(parts.group(1));
        var duration = switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
        if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
            problem(
                    name,
                    "lies between " + readable(least) + " and " + readable(most) + ", which " + text + " does not");
        }
        return duration;
    }

    private static String readable(Duration duration) {
        return duration.toMillis() < 1000 ? duration.toMillis() + "ms" : duration.toSeconds() + "s";
    }

    private long number(String name, String text, long least, long most) {
        if (text.matches("[0-9]{1,18}")) {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        }
        problem(
                name,
                "is a number from " + least + (most >= Integer.MAX_VALUE ? " on" : " to " + most) + ", not \"" + text
                        + "\"");
        return least;
    }

    private boolean flag(String name) {
        var text = text(name);
        if (text != null && !text.equals("true") && !text.equals("false")) {
            problem(name, "is true or false, not \"" + text + "\"");
        }
        return "true".equals(text);
    }

    private @Nullable String user(@Nullable String ofAddress) {
        known.add("user");
        var option = unread.remove("user");
        return option == null ? ofAddress : option instanceof Secret secret ? secret.reveal() : option.toString();
    }

    private @Nullable String text(String name) {
        known.add(name);
        var value = unread.remove(name);
        return value == null ? null : value.toString();
    }

    private void problem(String option, String what) {
        problems.add(owner + ": option \"" + option + "\" " + what);
    }
}
