package io.millrace.integration.endpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A proxy on the loopback interface that passes bytes on and cuts connections: each after a random
 * number of bytes from the server, wherever in a frame or an event that is. While it is shut, its
 * port refuses connections, as that of an endpoint that isn't there.
 */
public final class CuttingProxy implements AutoCloseable {
  private static final int BUFFER = 1 << 12;

  private final URI upstream;

  /** Bound and never listening: nobody else gets the port while the proxy is shut. */
  private final SocketChannel reserved;

  private final InetSocketAddress address;
  private final SplittableRandom dice;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger cuts = new AtomicInteger();
  private volatile int mostBytes = Integer.MAX_VALUE;
  private volatile ServerSocket listener;

  /** Starts open, and cuts nothing. */
  public CuttingProxy(URI upstream, long seed) throws IOException {
    this.upstream = upstream;
    this.dice = new SplittableRandom(seed);
    this.reserved =
        SocketChannel.open()
            .setOption(StandardSocketOptions.SO_REUSEADDR, true)
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    this.address = (InetSocketAddress) reserved.getLocalAddress();
    this.listener = listen();
  }

  /** Where clients connect; stays the same. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + address.getPort());
  }

  private ServerSocket listen() throws IOException {
    ServerSocket opened = new ServerSocket();
    opened.setReuseAddress(true);
    opened.bind(address);
    start(() -> accept(opened));
    return opened;
  }

  /** Closes all connections and refuses new ones. */
  public void shut() throws IOException {
    listener.close();
    closeAll();
  }

  /** Takes connections again. */
  public void open() throws IOException {
    listener = listen();
  }

  /** Closes all connections; those from now on are cut after 1 to so many bytes. */
  public void cutAfterAtMost(int bytes) throws IOException {
    mostBytes = bytes;
    closeAll();
  }

  /** Connections from now on are left alone. */
  public void cutNoMore() {
    mostBytes = Integer.MAX_VALUE;
  }

  /** How many connections it has cut. */
  public int cuts() {
    return cuts.get();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "cutting-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept(ServerSocket listener) {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket server = new Socket(upstream.getHost(), upstream.getPort());
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        sockets.add(client);
        sockets.add(server);
        if (listener.isClosed()) {
          closeAll();
        }
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
    shut();
    reserved.close();
  }
}
