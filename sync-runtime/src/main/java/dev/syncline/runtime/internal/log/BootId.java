package dev.syncline.runtime.internal.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** In which of its runs the machine is: as long as that has not changed, what was written is there, forced or not. */
public final class BootId {

    private BootId() {}

    /** Of the present run; empty where the system does not tell. */
    public static String read() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException unknown) {
            return "";
        }
    }
}
