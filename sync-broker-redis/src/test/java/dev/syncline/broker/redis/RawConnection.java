package dev.syncline.broker.redis;

import dev.syncline.testkit.server.RedisServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A connection that sends what a foreign program might, byte by byte. */
final class RawConnection implements AutoCloseable {

    private final Socket socket;

    RawConnection(RedisServer server) {
        try {
            socket = new Socket(server.host(), server.port());
            socket.setSoTimeout(10_000);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Sends a command whose answer is one line or one short string. */
    void send(String... words) {
        var bytes = new ArrayList<byte[]>();
        for (var word : words) {
            bytes.add(word.getBytes(StandardCharsets.UTF_8));
        }
        send(bytes);
    }

    /** As above, of any bytes. */
    void send(List<byte[]> words) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(ascii("*" + words.size() + "\r\n"));
        for (var word : words) {
            out.writeBytes(ascii("$" + word.length + "\r\n"));
            out.writeBytes(word);
            out.writeBytes(ascii("\r\n"));
        }
        try {
            socket.getOutputStream().write(out.toByteArray());
            var answer = line();
            if (answer.startsWith("-")) {
                throw new IllegalStateException("Redis refused: " + answer);
            }
            if (answer.startsWith("$")) {
                line();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        var in = socket.getInputStream();
        for (int next = in.read(); next != '\n' && next >= 0; next = in.read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
