package dev.syncline.testkit.golden;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A directory in one small file: of its files the pages that hold something, since most of them are long and empty.
 *
 * <pre>
 * gzip of: per file { path text, length i64, then { offset i64, page of 4096 bytes } …, -1 }, then an empty path
 * </pre>
 */
final class SparseArchive {

    private static final int PAGE = 4096;

    private SparseArchive() {}

    static void pack(Path directory, OutputStream into) throws IOException {
        try (var out = new DataOutputStream(new BufferedOutputStream(new GZIPOutputStream(into)));
                var files = Files.walk(directory)) {
            for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
                out.writeUTF(directory.relativize(file).toString());
                packFile(file, out);
            }
            out.writeUTF("");
        }
    }

    private static void packFile(Path file, DataOutputStream out) throws IOException {
        var page = ByteBuffer.allocate(PAGE);
        try (var in = FileChannel.open(file)) {
            out.writeLong(in.size());
            for (long at = 0; at < in.size(); at += PAGE) {
                in.read(page.clear(), at);
                while (page.hasRemaining()) {
                    page.put((byte) 0);
                }
                if (page.flip().mismatch(ByteBuffer.allocate(PAGE)) >= 0) {
                    out.writeLong(at);
                    out.write(page.array());
                }
            }
            out.writeLong(-1);
        }
    }

    static void unpack(InputStream from, Path directory) throws IOException {
        try (var in = new DataInputStream(new BufferedInputStream(new GZIPInputStream(from)))) {
            for (var name = in.readUTF(); !name.isEmpty(); name = in.readUTF()) {
                var file = directory.resolve(name);
                Files.createDirectories(file.resolveSibling("."));
                unpackFile(in, file);
            }
        }
    }

    private static void unpackFile(DataInputStream in, Path file) throws IOException {
        long length = in.readLong();
        var page = new byte[PAGE];
        try (var out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long at = in.readLong(); at >= 0; at = in.readLong()) {
                in.readFully(page);
                out.write(ByteBuffer.wrap(page, 0, (int) Math.min(PAGE, length - at)), at);
            }
            if (out.size() < length) {
                out.write(ByteBuffer.wrap(new byte[1]), length - 1);
            }
        }
    }
}
