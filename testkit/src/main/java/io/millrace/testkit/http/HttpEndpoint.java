package io.millrace.testkit.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Two listening ports on the loopback interface, one plain and one with TLS, each speaking HTTP/1.1
 * and HTTP/2 as the client likes. Thread-safe.
 */
public final class HttpEndpoint implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int BACKLOG = 1024;
  private static final int CLOSE_SECONDS = 5;

  private final EventLoopGroup loops;
  private final ChannelGroup channels;
  private final int port;
  private final int tlsPort;

  private HttpEndpoint(EventLoopGroup loops, ChannelGroup channels, int port, int tlsPort) {
    this.loops = loops;
    this.channels = channels;
    this.port = port;
    this.tlsPort = tlsPort;
  }

  /**
   * Binds both ports and starts to serve.
   *
   * @param port the plain port, 0 for a free one
   * @param tlsPort the TLS port, 0 for a free one
   * @param eventLoopThreads how many threads serve all connections
   * @param certificate what the endpoint shows on its TLS port
   * @param service answers the requests
   * @throws IllegalStateException if a port cannot be bound
   */
  public static HttpEndpoint start(
      int port,
      int tlsPort,
      int eventLoopThreads,
      LocalhostCertificate certificate,
      HttpService service) {
    EventLoopGroup loops = new NioEventLoopGroup(eventLoopThreads, daemonThreads());
    ChannelGroup channels = new DefaultChannelGroup(loops.next(), true);
    try {
      SslContext tls = tls(certificate);
      int boundPort = bind(loops, channels, port, service, null);
      int boundTlsPort = bind(loops, channels, tlsPort, service, tls);
      return new HttpEndpoint(loops, channels, boundPort, boundTlsPort);
    } catch (RuntimeException | Error e) {
      shutDown(loops, channels);
      throw e;
    }
  }

  /** The plain port. */
  public int port() {
    return port;
  }

  /** The TLS port. */
  public int tlsPort() {
    return tlsPort;
  }

  /** Closes the ports and every connection at once; clients that wait see their connection end. */
  @Override
  public void close() {
    shutDown(loops, channels);
  }

  private static int bind(
      EventLoopGroup loops,
      ChannelGroup channels,
      int port,
      HttpService service,
      @Nullable SslContext tls) {
    ServerBootstrap server =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new ConnectionInitializer(channels, service, tls));
    ChannelFuture bound = server.bind(LOOPBACK, port).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IllegalStateException(
          "cannot listen on " + LOOPBACK + " port " + port + ": " + bound.cause().getMessage(),
          bound.cause());
    }
    Channel channel = bound.channel();
    channels.add(channel);
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  private static SslContext tls(LocalhostCertificate certificate) {
    try {
      return SslContextBuilder.forServer(new OneCertificate(certificate))
          // Not asked for, as no client shows a certificate; else the JDK would load all its roots.
          .trustManager(LocalhostCertificate.trustManagers(certificate.certificate())[0])
          .sslProvider(SslProvider.JDK)
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  Protocol.ALPN,
                  SelectorFailureBehavior.NO_ADVERTISE,
                  SelectedListenerFailureBehavior.ACCEPT,
                  ApplicationProtocolNames.HTTP_2,
                  ApplicationProtocolNames.HTTP_1_1))
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException("this JDK cannot serve TLS", e);
    }
  }

  private static ThreadFactory daemonThreads() {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread =
          new FastThreadLocalThread(task, "millrace-testkit-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  private static void shutDown(EventLoopGroup loops, ChannelGroup channels) {
    channels.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    loops
        .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
  }
}
