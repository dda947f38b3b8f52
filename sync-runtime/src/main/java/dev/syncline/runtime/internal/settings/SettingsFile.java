package dev.syncline.runtime.internal.settings;

import dev.syncline.api.ConfigurationException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a properties file in UTF-8. In values <code>${NAME}</code> stands for an environment variable, and
 * <code>${NAME:text}</code> for the text where there is none; <code>$${</code> is <code>${</code> itself. Nothing else
 * reads the environment.
 */
final class SettingsFile {

    private final Path file;
    private final Function<String, @Nullable String> environment;
    private final List<String> problems = new ArrayList<>();

    SettingsFile(Path file, Function<String, @Nullable String> environment) {
        this.file = file;
        this.environment = environment;
    }

    /** The settings, variables replaced. */
    Map<String, String> read() {
        var resolved = new LinkedHashMap<String, String>();
        parse().forEach((key, value) -> resolved.put(key, resolve(key, value)));
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return resolved;
    }

    private Map<String, String> parse() {
        var read = new LinkedHashMap<String, String>();
        try {
            // the text first: the loader of properties would replace what is not UTF-8
            var text = Files.readString(file, StandardCharsets.UTF_8);
            new Once(read).load(new StringReader(text));
        } catch (CharacterCodingException malformed) {
            throw new ConfigurationException("settings " + file + " are not in UTF-8", malformed);
        } catch (IOException | IllegalArgumentException unreadable) {
            throw new ConfigurationException("settings " + file + " cannot be read: " + unreadable, unreadable);
        }
        return read;
    }

    private String resolve(String key, String value) {
        var resolved = new StringBuilder(value.length());
        int at = 0;
        while (true) {
            int dollar = value.indexOf("${", at);
            if (dollar < 0) {
                return resolved.append(value, at, value.length()).toString();
            }
            if (dollar > at && value.charAt(dollar - 1) == '$') {
                resolved.append(value, at, dollar - 1).append("${");
                at = dollar + 2;
                continue;
            }
            int end = value.indexOf('}', dollar);
            if (end < 0) {
                problems.add(
                        "setting \"" + key + "\" of " + file + " has a ${ without }; write $${ for the characters");
                return "";
            }
            resolved.append(value, at, dollar).append(variable(key, value.substring(dollar + 2, end)));
            at = end + 1;
        }
    }

    private String variable(String key, String expression) {
        int colon = expression.indexOf(':');
        var name = colon < 0 ? expression : expression.substring(0, colon);
        var value = environment.apply(name);
        if (value != null) {
            return value;
        }
        if (colon >= 0) {
            return expression.substring(colon + 1);
        }
        problems.add("setting \"" + key + "\" of " + file + " needs the environment variable " + name
                + ", which is not set; set it, or give a default: ${" + name + ":text}");
        return "";
    }

    /** Properties that keep their order and notice a key that is there twice. */
    private final class Once extends Properties {
        private static final long serialVersionUID = 1L;

        private final transient Map<String, String> into;

        Once(Map<String, String> into) {
            this.into = into;
        }

        @Override
        public synchronized @Nullable Object put(Object key, Object value) {
            if (into.put((String) key, (String) value) != null) {
                problems.add("setting \"" + key + "\" is twice in " + file + ": remove one");
            }
            return super.put(key, value);
        }
    }
}
