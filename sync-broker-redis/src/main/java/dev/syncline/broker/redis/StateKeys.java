package dev.syncline.broker.redis;

import dev.syncline.spi.StateStore.StateScope;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The keys of shared state, and what lies under them. What belongs to one scope shares a hash tag, and with it a slot.
 *
 * <pre>
 * syncline:state:{group/broker/topic}              hash     n            token of who took partition n last
 *                                                           by:n         who that is, for people
 *                                                           log:n        newest index of the log of partition n
 *                                                           most         ids that are kept at least
 *                                                           retention    of ids, in milliseconds
 *                                                           oldest, newest   numbers of the slices of ids that there are
 *                                                           since:p      when the slice in place p was begun
 * syncline:state:{group/broker/topic}:sequence     hash     key → how far it was applied
 * syncline:state:{group/broker/topic}:ids:p        hash     id → digest; slice number p modulo 32
 * syncline:state:{group/broker/topic}:guard        hash     entity → its newest version
 * syncline:state:{group/broker/topic}:guard:ends   zset     deleted entities, scored by when they are forgotten
 * syncline:state:{group/broker/topic}:log:n        stream   parked events of partition n, ids index-0
 * syncline:state:{group}:scopes                    set      broker/topic of all that there is of the group
 * </pre>
 */
final class StateKeys {

    /** Nothing lies there. */
    static final String NO_SCOPE = "syncline:state:{}";

    private static final String PREFIX = "syncline:state:{";
    private static final int PLACES = 32;

    private StateKeys() {}

    static String scope(StateScope scope) {
        return scope(scope.group(), name(scope));
    }

    /** The name of a scope within its group. */
    static String name(StateScope scope) {
        return URLEncoder.encode(scope.broker(), StandardCharsets.UTF_8) + "/" + scope.topic();
    }

    static String scope(String group, String name) {
        return PREFIX + group + "/" + name + "}";
    }

    static String scopes(String group) {
        return PREFIX + group + "}:scopes";
    }

    /** All keys of a scope; its hash last, without which the others would not be found. */
    static List<byte[]> all(String scope, Collection<String> fieldsOfHash) {
        var keys = new ArrayList<byte[]>();
        for (var part : List.of(":sequence", ":guard", ":guard:ends")) {
            keys.add(Keys.bytes(scope + part));
        }
        for (int place = 0; place < PLACES; place++) {
            keys.add(Keys.bytes(scope + ":ids:" + place));
        }
        for (var field : fieldsOfHash) {
            if (field.startsWith("log:")) {
                keys.add(Keys.bytes(scope + ":" + field));
            }
        }
        keys.add(Keys.bytes(scope));
        return keys;
    }
}
