package dev.syncline.broker.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The scripts that run inside Redis, from the {@code .lua} files beside this class; what each does is said there. */
enum Script {
    TOPIC("common", "topic"),
    APPEND("common", "append"),
    TRIM("common", "trim"),
    ACQUIRE("common", "acquire"),
    RESUME("common", "lease", "resume"),
    RENEW("common", "lease", "renew"),
    RELEASE("common", "lease", "release"),
    MARK("common", "lease", "mark"),
    FETCH("common", "lease", "fetch"),
    ACKNOWLEDGE("common", "lease", "acknowledge"),
    MEMBERS("common", "members"),
    MEASURE("common", "measure"),
    FORGET("common", "forget"),
    PROBE("common", "probe"),
    STATE_TAKE("common", "state_take"),
    STATE_READ("common", "state", "state_read"),
    STATE_WRITE("common", "state", "state_write"),
    STATE_APPEND("common", "state", "state_append"),
    STATE_LOG("common", "state", "state_log"),
    STATE_DROP("common", "state", "state_drop"),
    STATE_PROBE("common", "state_probe");

    private final String text;
    private final String digest;

    Script(String... files) {
        var all = new StringBuilder();
        for (var file : files) {
            all.append(read(file + ".lua"));
        }
        this.text = all.toString();
        this.digest = sha1(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The whole text, as {@code EVAL} takes it. */
    String text() {
        return text;
    }

    /** The name under which the server keeps it, as {@code EVALSHA} takes it. */
    String digest() {
        return digest;
    }

    private static String read(String file) {
        try (var in = Script.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the jar of the Redis adapter lacks " + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String sha1(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
