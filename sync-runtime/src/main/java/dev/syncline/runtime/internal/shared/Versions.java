package dev.syncline.runtime.internal.shared;

import dev.syncline.spi.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest version applied of one entity, per origin, as {@code 0123456789abcdef=7 fedcba9876543210=3d}: an origin's
 * digits, its version, and a d if that was a delete.
 *
 * @param byOrigin in the order in which they came
 */
record Versions(Map<String, Version> byOrigin) {

    /** More of one entity push out the oldest. */
    private static final int MOST_ORIGINS = 16;

    record Version(long number, boolean isDelete) {}

    static Versions parse(@Nullable Bytes entry) {
        var versions = new LinkedHashMap<String, Version>();
        if (entry != null) {
            for (var part : entry.asText().split(" ", -1)) {
                int equals = part.indexOf('=');
                boolean isDelete = part.endsWith("d");
                var number = part.substring(equals + 1, part.length() - (isDelete ? 1 : 0));
                versions.put(part.substring(0, equals), new Version(Long.parseLong(number), isDelete));
            }
        }
        return new Versions(versions);
    }

    @Nullable
    Version of(String origin) {
        return byOrigin.get(origin);
    }

    Versions with(String origin, Version version) {
        var changed = new LinkedHashMap<>(byOrigin);
        changed.put(origin, version);
        while (changed.size() > MOST_ORIGINS) {
            changed.remove(changed.keySet().iterator().next());
        }
        return new Versions(changed);
    }

    /** Whether all that is left of the entity is that it is gone. */
    boolean isTombstone() {
        return byOrigin.values().stream().allMatch(Version::isDelete);
    }

    Bytes entry() {
        var text = new StringBuilder();
        byOrigin.forEach((origin, version) -> text.append(text.isEmpty() ? "" : " ")
                .append(origin)
                .append('=')
                .append(version.number)
                .append(version.isDelete ? "d" : ""));
        return EntryHash.ascii(text.toString());
    }
}
