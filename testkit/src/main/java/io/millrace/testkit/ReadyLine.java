package io.millrace.testkit;

import io.millrace.testkit.http.LocalhostCertificate;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The line by which a server in a JVM of its own tells that it is ready, and where. Immutable.
 *
 * @param endpoint its plain endpoint
 * @param tlsEndpoint its TLS endpoint
 * @param certificate what it shows on the TLS endpoint
 */
record ReadyLine(URI endpoint, URI tlsEndpoint, X509Certificate certificate) {
  private static final Pattern LINE =
      Pattern.compile("millrace-testkit ready endpoint=(\\S+) tls=(\\S+) certificate=(\\S+)");

  static ReadyLine of(KinesisServer server) {
    return new ReadyLine(server.endpoint(), server.tlsEndpoint(), server.certificate());
  }

  /** Reads a line of the server's output; empty if it is another one. */
  static Optional<ReadyLine> parse(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new ReadyLine(
            URI.create(matcher.group(1)),
            URI.create(matcher.group(2)),
            LocalhostCertificate.decode(Base64.getDecoder().decode(matcher.group(3)))));
  }

  @Override
  public String toString() {
    try {
      return "millrace-testkit ready endpoint="
          + endpoint
          + " tls="
          + tlsEndpoint
          + " certificate="
          + Base64.getEncoder().encodeToString(certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot encode the certificate", e);
    }
  }
}
