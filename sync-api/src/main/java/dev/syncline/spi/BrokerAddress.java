package dev.syncline.spi;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Secret;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The URI of a broker, taken apart: {@code scheme://user:password@host:port,host:port/path?option=value}. The password
 * is split off here, and nothing that prints an address shows it.
 *
 * @param scheme lower case
 * @param user null if the URI names none
 * @param password null if the URI names none
 * @param hosts {@code host:port} pairs joined by commas, as written; empty for brokers without a network
 * @param path without the leading slash; may be empty
 * @param parameters of the query, decoded, in their order
 */
public record BrokerAddress(
        String scheme,
        @Nullable String user,
        @Nullable Secret password,
        String hosts,
        String path,
        Map<String, String> parameters) {

    public BrokerAddress {
        Objects.requireNonNull(scheme, "scheme");
        Objects.requireNonNull(hosts, "hosts");
        Objects.requireNonNull(path, "path");
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /**
     * Takes a URI apart.
     *
     * @throws ConfigurationException if it has no scheme, or a parameter without value or twice; the text of the URI
     *     is not in the message, since it may hold a password
     */
    public static BrokerAddress parse(String uri) {
        int colon = uri.indexOf(':');
        if (colon < 1 || !uri.substring(0, colon).matches("[A-Za-z][A-Za-z0-9+.-]*")) {
            throw new ConfigurationException(
                    "broker URI has no scheme; write kafka://host:9092, redis://host:6379 or local:");
        }
        var scheme = uri.substring(0, colon).toLowerCase(Locale.ROOT);
        var rest = uri.substring(colon + 1);
        var query = "";
        int question = rest.indexOf('?');
        if (question >= 0) {
            query = rest.substring(question + 1);
            rest = rest.substring(0, question);
        }
        String user = null;
        Secret password = null;
        var hosts = "";
        var path = rest;
        if (rest.startsWith("//")) {
            var authority = rest.substring(2);
            int slash = authority.indexOf('/');
            path = slash < 0 ? "" : authority.substring(slash + 1);
            authority = slash < 0 ? authority : authority.substring(0, slash);
            int at = authority.lastIndexOf('@');
            if (at >= 0) {
                var info = authority.substring(0, at);
                authority = authority.substring(at + 1);
                int separator = info.indexOf(':');
                user = decode(separator < 0 ? info : info.substring(0, separator));
                password = separator < 0 ? null : Secret.of(decode(info.substring(separator + 1)));
            }
            hosts = authority;
        }
        return new BrokerAddress(
                scheme, user == null || user.isEmpty() ? null : user, password, hosts, path, parameters(scheme, query));
    }

    /** The address without user, password and parameters, for people. */
    @Override
    public String toString() {
        return scheme + ":" + (hosts.isEmpty() ? "" : "//" + hosts + (path.isEmpty() ? "" : "/")) + path;
    }

    private static Map<String, String> parameters(String scheme, String query) {
        var parameters = new LinkedHashMap<String, String>();
        for (var pair : query.isEmpty() ? new String[0] : query.split("&")) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new ConfigurationException(
                        "parameter \"" + pair + "\" of the " + scheme + ": URI has no value; write name=value");
            }
            var name = decode(pair.substring(0, equals));
            if (parameters.put(name, decode(pair.substring(equals + 1))) != null) {
                throw new ConfigurationException(
                        "parameter \"" + name + "\" of the " + scheme + ": URI is there twice");
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw new ConfigurationException("broker URI has a malformed percent escape");
        }
    }
}
