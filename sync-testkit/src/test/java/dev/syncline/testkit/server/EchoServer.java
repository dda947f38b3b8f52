package dev.syncline.testkit.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers every byte with itself, and remembers what it was sent. */
final class EchoServer implements AutoCloseable {

    private final ServerSocket listener;
    private final List<Socket> clients = new CopyOnWriteArrayList<>();
    private final StringBuilder received = new StringBuilder();
    private final Thread acceptor;
    private volatile boolean keepOpen;

    EchoServer() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        acceptor = spawn(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    String received() {
        synchronized (received) {
            return received.toString();
        }
    }

    /** From now on goes on reading when its answers fail. */
    void keepOpen() {
        keepOpen = true;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                clients.add(client);
                spawn(() -> echo(client));
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    private void echo(Socket client) {
        byte[] buffer = new byte[8192];
        try (client) {
            for (int read = client.getInputStream().read(buffer);
                    read > 0;
                    read = client.getInputStream().read(buffer)) {
                synchronized (received) {
                    received.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
                }
                answer(client, buffer, read);
            }
        } catch (IOException cut) {
            // What the test is about.
        }
    }

    private void answer(Socket client, byte[] buffer, int length) throws IOException {
        try {
            client.getOutputStream().write(buffer, 0, length);
        } catch (IOException e) {
            if (!keepOpen) {
                throw e;
            }
        }
    }

    private static Thread spawn(Runnable body) {
        Thread thread = new Thread(body, "echo");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket client : clients) {
                client.close();
            }
            // The system call that accepts holds the port open until it has returned.
            acceptor.join();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
