package dev.syncline.testkit.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;

/**
 * A self-signed certificate for the loopback with its key, as PEM files.
 *
 * <p>Made by the JDK's {@code keytool}, because the JDK has no public way to sign a certificate.
 *
 * @param certificateFile the certificate
 * @param keyFile the key in PKCS#8, followed by the certificate
 */
record TestCertificate(Path certificateFile, Path keyFile) {

    private static final String STORE_PASSWORD = "only-for-tests";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    static TestCertificate create(Path directory) {
        try {
            KeyStore store = generate(directory.resolve("certificate.p12"));
            String certificate =
                    pem("CERTIFICATE", store.getCertificate("server").getEncoded());
            String key = pem(
                    "PRIVATE KEY",
                    store.getKey("server", STORE_PASSWORD.toCharArray()).getEncoded());
            return new TestCertificate(
                    Files.writeString(directory.resolve("certificate.pem"), certificate),
                    Files.writeString(directory.resolve("key.pem"), key + certificate));
        } catch (IOException | GeneralSecurityException e) {
            throw new ServerException("cannot make a certificate in " + directory, e);
        }
    }

    private static KeyStore generate(Path target) throws IOException, GeneralSecurityException {
        OutputFile output = new OutputFile(target.resolveSibling("keytool.log"));
        ChildProcess keytool = ChildProcess.start(
                "keytool",
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "server",
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=dns:localhost,ip:127.0.0.1",
                                "-validity",
                                "30",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                target.toString(),
                                "-storepass",
                                STORE_PASSWORD)
                        .redirectErrorStream(true)
                        .redirectOutput(output.path().toFile()));
        if (!keytool.awaitEnd(PATIENCE)) {
            keytool.kill();
            throw new ServerException(keytool + " did not end within " + PATIENCE + output.quote());
        }
        if (keytool.exitCode() != 0) {
            throw new ServerException(keytool + " ended with exit code " + keytool.exitCode() + output.quote());
        }
        return KeyStore.getInstance(target.toFile(), STORE_PASSWORD.toCharArray());
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der)
                + "\n-----END " + label + "-----\n";
    }
}
