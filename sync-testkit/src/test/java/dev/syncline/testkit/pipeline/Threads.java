package dev.syncline.testkit.pipeline;

import java.util.List;

/** The threads of this JVM, by name. */
final class Threads {

    private Threads() {}

    static List<String> named(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .toList();
    }
}
