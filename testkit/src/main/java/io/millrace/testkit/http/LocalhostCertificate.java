package io.millrace.testkit.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * A self-signed certificate for {@code localhost}, {@code 127.0.0.1} and {@code ::1} whose key
 * lives only in this process. Immutable.
 *
 * <p>It is made anew at each start, so that no private key is shipped that somebody may come to
 * trust. The few lines of DER replace JDK internals and external tools, neither of which can be
 * counted on.
 *
 * @param key the private key
 * @param certificate the certificate
 */
public record LocalhostCertificate(PrivateKey key, X509Certificate certificate) {
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int UTF8_STRING = 0x0c;
  private static final int GENERALIZED_TIME = 0x18;
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;

  private static final byte[] OID_ECDSA_WITH_SHA256 = oid("2a8648ce3d040302");
  private static final byte[] OID_COMMON_NAME = oid("550403");
  private static final byte[] OID_BASIC_CONSTRAINTS = oid("551d13");
  private static final byte[] OID_SUBJECT_ALTERNATIVE_NAME = oid("551d11");
  private static final byte[] OID_EXTENDED_KEY_USAGE = oid("551d25");
  private static final byte[] OID_SERVER_AUTHENTICATION = oid("2b06010505070301");
  private static final byte[] TRUE = {0x01, 0x01, (byte) 0xff};

  /**
   * Makes a key and its certificate. The validity is fixed rather than counted from today: a test's
   * clock may stand anywhere.
   */
  public static LocalhostCertificate create() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      byte[] algorithm = der(SEQUENCE, OID_ECDSA_WITH_SHA256);
      byte[] body = toBeSigned(pair, algorithm);
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(pair.getPrivate());
      signature.update(body);
      byte[] encoded =
          der(SEQUENCE, body, algorithm, der(BIT_STRING, new byte[] {0}, signature.sign()));
      return new LocalhostCertificate(pair.getPrivate(), decode(encoded));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK cannot make an EC certificate", e);
    }
  }

  /**
   * Reads a certificate from its DER bytes.
   *
   * @throws IllegalArgumentException if they are none
   */
  public static X509Certificate decode(byte[] der) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("not a certificate", e);
    }
  }

  /** A key store that holds exactly the given certificate as trusted. */
  public static KeyStore trustStore(X509Certificate certificate) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("millrace-testkit", certificate);
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot build a trust store", e);
    }
  }

  /** Trust managers that trust exactly the given certificate. */
  public static TrustManager[] trustManagers(X509Certificate certificate) {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trustStore(certificate));
      return factory.getTrustManagers();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot build a trust manager", e);
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "LocalhostCertificate[serialNumber=" + certificate.getSerialNumber() + "]";
  }

  private static byte[] toBeSigned(KeyPair pair, byte[] algorithm) {
    byte[] name =
        der(
            SEQUENCE,
            der(SET, der(SEQUENCE, OID_COMMON_NAME, text(UTF8_STRING, "Millrace testkit"))));
    byte[] validity =
        der(
            SEQUENCE,
            text(GENERALIZED_TIME, "20200101000000Z"),
            text(GENERALIZED_TIME, "21260101000000Z"));
    byte[] serial = new BigInteger(63, new SecureRandom()).add(BigInteger.ONE).toByteArray();
    return der(
        SEQUENCE,
        der(0xa0, der(INTEGER, new byte[] {2})),
        der(INTEGER, serial),
        algorithm,
        name,
        validity,
        name,
        pair.getPublic().getEncoded(),
        der(0xa3, der(SEQUENCE, notAnAuthority(), forServers(), forLocalhost())));
  }

  private static byte[] notAnAuthority() {
    return der(SEQUENCE, OID_BASIC_CONSTRAINTS, TRUE, der(OCTET_STRING, der(SEQUENCE)));
  }

  private static byte[] forServers() {
    return der(
        SEQUENCE,
        OID_EXTENDED_KEY_USAGE,
        der(OCTET_STRING, der(SEQUENCE, OID_SERVER_AUTHENTICATION)));
  }

  private static byte[] forLocalhost() {
    int dnsName = 0x82;
    int ipAddress = 0x87;
    byte[] ipv6 = new byte[16];
    ipv6[15] = 1;
    return der(
        SEQUENCE,
        OID_SUBJECT_ALTERNATIVE_NAME,
        der(
            OCTET_STRING,
            der(
                SEQUENCE,
                text(dnsName, "localhost"),
                der(ipAddress, new byte[] {127, 0, 0, 1}),
                der(ipAddress, ipv6))));
  }

  private static byte[] text(int tag, String text) {
    return der(tag, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] oid(String hex) {
    return der(0x06, new BigInteger(hex, 16).toByteArray());
  }

  /** One DER element: tag, length of all parts together, the parts. */
  private static byte[] der(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    int length = content.size();
    ByteArrayOutputStream element = new ByteArrayOutputStream(length + 4);
    element.write(tag);
    if (length < 0x80) {
      element.write(length);
    } else if (length < 0x100) {
      element.write(0x81);
      element.write(length);
    } else {
      element.write(0x82);
      element.write(length >>> 8);
      element.write(length);
    }
    element.writeBytes(content.toByteArray());
    return element.toByteArray();
  }
}
