package io.millrace.integration.consumer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A proxy on the loopback interface that passes bytes on and cuts connections: each after a random
 * number of bytes from the server, wherever in a frame or an event that is.
 */
final class CuttingProxy implements AutoCloseable {
  private static final int BUFFER = 1 << 12;

  private final URI upstream;
  private final ServerSocket listener;
  private final SplittableRandom dice;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger cuts = new AtomicInteger();
  private volatile int mostBytes = Integer.MAX_VALUE;

  CuttingProxy(URI upstream, long seed) throws IOException {
    this.upstream = upstream;
    this.dice = new SplittableRandom(seed);
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** Closes all connections; those from now on are cut after 1 to so many bytes. */
  void cutAfterAtMost(int bytes) throws IOException {
    mostBytes = bytes;
    closeAll();
  }

  /** Connections from now on are left alone. */
  void cutNoMore() {
    mostBytes = Integer.MAX_VALUE;
  }

  int cuts() {
    return cuts.get();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "cutting-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket server = new Socket(upstream.getHost(), upstream.getPort());
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        sockets.add(client);
        sockets.add(server);
        int most = mostBytes;
        long allowed = most == Integer.MAX_VALUE ? Long.MAX_VALUE : 1 + dice.nextInt(most);
        start(() -> pass(client, server, Long.MAX_VALUE));
        start(() -> pass(server, client, allowed));
      } catch (IOException e) {
        // The listener is closed, or the server is: the client sees it by itself.
      }
    }
  }

  private void pass(Socket from, Socket to, long allowed) {
    long left = allowed;
    byte[] buffer = new byte[BUFFER];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      int read = in.read(buffer);
      while (read >= 0) {
        out.write(buffer, 0, (int) Math.min(read, left));
        left -= read;
        if (left <= 0) {
          cuts.incrementAndGet();
          to.setSoLinger(true, 0);
          return;
        }
        read = in.read(buffer);
      }
    } catch (IOException e) {
      // Cut from the other side.
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private void closeAll() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    closeAll();
  }
}
