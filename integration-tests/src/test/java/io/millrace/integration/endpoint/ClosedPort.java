package io.millrace.integration.endpoint;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;

/**
 * A port of this machine that refuses connections: bound, so that nobody else gets it, and not
 * listening.
 */
public final class ClosedPort implements AutoCloseable {
  private final Socket bound = new Socket();

  /** Takes a free port. */
  public ClosedPort() throws IOException {
    bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + bound.getLocalPort());
  }

  @Override
  public void close() throws IOException {
    bound.close();
  }
}
