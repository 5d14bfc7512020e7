package io.millrace.testkit.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells HTTP/2 from HTTP/1.1 by a connection's first bytes, then makes way for the protocol's
 * handlers. Confined to its channel's event loop.
 *
 * <p>The connection preface is looked at rather than ALPN's verdict, for it is there in all cases:
 * prior knowledge on a plain port, ALPN, and TLS without ALPN, which is what the SDK's client
 * speaks by default.
 */
final class ProtocolSniffer extends ByteToMessageDecoder {
  /** Sets up a pipeline for the protocol that was found. */
  interface Protocols {
    void http1(ChannelHandlerContext ctx);

    void http2(ChannelHandlerContext ctx);
  }

  private static final Logger log = LoggerFactory.getLogger(ProtocolSniffer.class);

  private final ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
  private final Protocols protocols;

  ProtocolSniffer(Protocols protocols) {
    this.protocols = protocols;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int comparable = Math.min(in.readableBytes(), preface.readableBytes());
    for (int i = 0; i < comparable; i++) {
      if (in.getByte(in.readerIndex() + i) != preface.getByte(i)) {
        protocols.http1(ctx);
        ctx.pipeline().remove(this);
        return;
      }
    }
    if (comparable == preface.readableBytes()) {
      protocols.http2(ctx);
      ctx.pipeline().remove(this);
    }
  }

  /** Such as a TLS handshake that failed: the client's affair. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("Connection failed: {}", cause.toString());
    var unused = ctx.close();
  }
}
