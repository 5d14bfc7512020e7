package io.millrace.testkit.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up each new connection: TLS if the port has it, then whichever protocol the client speaks.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel, which is noticed
final class ConnectionInitializer extends ChannelInitializer<Channel> {
  private static final Logger log = LoggerFactory.getLogger(ConnectionInitializer.class);
  private static final int MAX_CONCURRENT_STREAMS = 512;
  private static final int STREAM_WINDOW_BYTES = 1 << 20;
  private static final int CONNECTION_WINDOW_BYTES = 16 << 20;
  private static final int MAX_CHUNK_BYTES = 64 << 10;

  /** On a machine that is busy with a build the usual ten seconds can be too short. */
  private static final long HANDSHAKE_TIMEOUT_MILLIS = 60_000;

  private final ChannelGroup channels;
  private final HttpService service;
  private final @Nullable SslContext tls;

  ConnectionInitializer(ChannelGroup channels, HttpService service, @Nullable SslContext tls) {
    this.channels = channels;
    this.service = service;
    this.tls = tls;
  }

  @Override
  protected void initChannel(Channel connection) {
    channels.add(connection);
    ChannelPipeline pipeline = connection.pipeline();
    if (tls != null) {
      SslHandler handler = tls.newHandler(connection.alloc());
      handler.setHandshakeTimeoutMillis(HANDSHAKE_TIMEOUT_MILLIS);
      pipeline.addLast(handler);
    }
    pipeline.addLast(
        new ProtocolSniffer(
            new ProtocolSniffer.Protocols() {
              @Override
              public void http1(ChannelHandlerContext ctx) {
                setUpHttp1(ctx.pipeline());
              }

              @Override
              public void http2(ChannelHandlerContext ctx) {
                setUpHttp2(ctx.pipeline());
              }
            }));
  }

  private void setUpHttp1(ChannelPipeline pipeline) {
    pipeline.addLast(
        new HttpServerCodec(new HttpDecoderConfig().setMaxChunkSize(MAX_CHUNK_BYTES)),
        new ExchangeHandler(service));
  }

  /**
   * Both windows are wide, lest large PutRecords wait for window updates. A connection that is to
   * close does not wait for its streams.
   */
  private void setUpHttp2(ChannelPipeline pipeline) {
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(MAX_CONCURRENT_STREAMS)
                    .initialWindowSize(STREAM_WINDOW_BYTES))
            .gracefulShutdownTimeoutMillis(0)
            .build();
    pipeline.addLast(codec, new Http2MultiplexHandler(streams()), new LostConnection());
    pipeline.write(
        new DefaultHttp2WindowUpdateFrame(
            CONNECTION_WINDOW_BYTES - Http2CodecUtil.DEFAULT_WINDOW_SIZE));
  }

  private ChannelHandler streams() {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel stream) {
        stream
            .pipeline()
            .addLast(new Http2StreamFrameToHttpObjectCodec(true), new ExchangeHandler(service));
      }
    };
  }

  /** Ends the journey of a connection's failures: a client that is gone is nothing to warn of. */
  private static final class LostConnection extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      log.debug("Connection failed: {}", cause.toString());
      ctx.close();
    }
  }
}
