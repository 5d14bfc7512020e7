package io.millrace.testkit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.testkit.kinesis.call.Empty;
import java.io.IOException;
import java.net.URL;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class LocalhostCertificateTest {
  private final LocalhostCertificate certificate = LocalhostCertificate.create();

  @Test
  void certificateIsForLoopbackNamesAndSignedByItself() throws GeneralSecurityException {
    X509Certificate x509 = certificate.certificate();

    x509.verify(x509.getPublicKey());
    List<Object> names = new ArrayList<>();
    x509.getSubjectAlternativeNames().forEach(name -> names.add(name.get(1)));
    assertThat(names).containsExactly("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1");
    assertThat(x509.getBasicConstraints()).isEqualTo(-1);
    assertThat(x509.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(x509.getNotAfter()).isAfter("2125-12-31");
  }

  @Test
  void everyCertificateIsAnother() {
    assertThat(LocalhostCertificate.create().certificate().getPublicKey())
        .isNotEqualTo(certificate.certificate().getPublicKey());
  }

  @Test
  void onlyItsOwnTrustStoreAcceptsTheEndpoint() throws Exception {
    ScriptedCore core = new ScriptedCore();
    core.answers(Empty.EMPTY);
    try (HttpEndpoint endpoint =
        HttpEndpoint.start(
            0, 0, 1, certificate, new KinesisService(core, InstantSource.system()))) {
      assertThat(get(certificate.certificate(), "localhost", endpoint)).isEqualTo(400);
      assertThat(get(certificate.certificate(), "127.0.0.1", endpoint)).isEqualTo(400);
      assertThatExceptionOfType(SSLHandshakeException.class)
          .isThrownBy(
              () -> get(LocalhostCertificate.create().certificate(), "localhost", endpoint));
    }
  }

  private static int get(X509Certificate trusted, String host, HttpEndpoint endpoint)
      throws IOException, GeneralSecurityException {
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, LocalhostCertificate.trustManagers(trusted), null);
    HttpsURLConnection connection =
        (HttpsURLConnection)
            new URL("https://" + host + ":" + endpoint.tlsPort() + "/").openConnection();
    connection.setSSLSocketFactory(tls.getSocketFactory());
    return connection.getResponseCode();
  }
}
