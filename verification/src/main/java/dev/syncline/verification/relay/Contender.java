package dev.syncline.verification.relay;

import dev.syncline.testkit.server.ChildJvm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** A process that holds the directory, or would like to, and what it has said. */
final class Contender {

    private static final String REMARK = "@N ";

    final int life;
    final ChildJvm child;
    private final List<String> accepted = new ArrayList<>();
    private final Map<String, Long> remarks = new HashMap<>();
    private int read;

    Contender(int life, ChildJvm child) {
        this.life = life;
        this.child = child;
    }

    /** When it said so, by {@link System#nanoTime()}; empty if it did not. */
    OptionalLong said(String remark) {
        read();
        var nanos = remarks.get(remark);
        return nanos == null ? OptionalLong.empty() : OptionalLong.of(nanos);
    }

    boolean hasSaid(String remark) {
        return said(remark).isPresent();
    }

    /** Ids of all that it has published. */
    List<String> accepted() {
        read();
        return accepted;
    }

    private void read() {
        var lines = child.lines();
        for (; read < lines.size(); read++) {
            var line = lines.get(read);
            int time = line.lastIndexOf(' ');
            if (line.startsWith(REMARK)) {
                remarks.put(line.substring(REMARK.length(), time), Long.parseLong(line.substring(time + 1)));
            } else if (line.startsWith("@A ")) {
                accepted.add(line.substring("@A ".length(), time));
            }
        }
    }

    @Override
    public String toString() {
        return "life " + life + " (process " + child.pid() + ")";
    }
}
