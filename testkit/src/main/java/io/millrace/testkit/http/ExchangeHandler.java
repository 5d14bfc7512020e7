package io.millrace.testkit.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects a request's body, hands the request to the service, and keeps the order of pipelined
 * requests: one exchange at a time, what arrives meanwhile waits. Serves an HTTP/1.1 connection or
 * one HTTP/2 stream. Confined to its channel's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel, which is noticed
final class ExchangeHandler extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(ExchangeHandler.class);

  /** Above the service's 10 MiB, in Base64, with keys. */
  static final int MAX_BODY_BYTES = 32 << 20;

  private static final int UNKNOWN_LENGTH_BYTES = 8 << 10;
  private static final int MAX_WAITING = 16;

  private final HttpService service;
  private final ArrayDeque<Object> waiting = new ArrayDeque<>();
  private @Nullable HttpRequest head;
  private @Nullable ByteBuf body;
  private @Nullable Exchange exchange;
  private boolean draining;
  private boolean refused;

  ExchangeHandler(HttpService service) {
    this.service = service;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    waiting.add(msg);
    drain(ctx);
  }

  /** Goes through what has arrived until a request waits for its answer. */
  private void drain(ChannelHandlerContext ctx) {
    if (draining) {
      return;
    }
    draining = true;
    try {
      while (exchange == null && !waiting.isEmpty()) {
        accept(ctx, waiting.remove());
      }
    } finally {
      draining = false;
    }
    boolean room = waiting.size() < MAX_WAITING;
    if (room != ctx.channel().config().isAutoRead()) {
      ctx.channel().config().setAutoRead(room);
    }
  }

  private void accept(ChannelHandlerContext ctx, Object msg) {
    try {
      if (refused) {
        return;
      }
      if (msg instanceof HttpObject object && object.decoderResult().isFailure()) {
        refuse(ctx, HttpResponseStatus.BAD_REQUEST);
        return;
      }
      if (msg instanceof HttpRequest request && !begin(ctx, request)) {
        return;
      }
      if (msg instanceof HttpContent content && append(ctx, content.content())) {
        if (msg instanceof LastHttpContent) {
          complete(ctx);
        }
      }
    } finally {
      ReferenceCountUtil.release(msg);
    }
  }

  private boolean begin(ChannelHandlerContext ctx, HttpRequest request) {
    long length = HttpUtil.getContentLength(request, (long) UNKNOWN_LENGTH_BYTES);
    if (length > MAX_BODY_BYTES) {
      refuse(ctx, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
      return false;
    }
    if (HttpUtil.is100ContinueExpected(request)) {
      ctx.writeAndFlush(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
    head = request;
    body = ctx.alloc().heapBuffer((int) Math.max(length, 1), MAX_BODY_BYTES);
    return true;
  }

  private boolean append(ChannelHandlerContext ctx, ByteBuf part) {
    ByteBuf collected = body;
    if (collected == null) {
      return false;
    }
    if (part.readableBytes() > collected.maxWritableBytes()) {
      refuse(ctx, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
      return false;
    }
    collected.writeBytes(part);
    return true;
  }

  private void complete(ChannelHandlerContext ctx) {
    HttpRequest request = head;
    ByteBuf collected = body;
    if (request == null || collected == null) {
      return;
    }
    head = null;
    body = null;
    Exchange started = new Exchange(ctx, request, collected, () -> answered(ctx));
    exchange = started;
    try {
      service.handle(started);
    } catch (RuntimeException e) {
      started.failed(e);
    } finally {
      collected.release();
    }
  }

  private void answered(ChannelHandlerContext ctx) {
    exchange = null;
    drain(ctx);
  }

  private void refuse(ChannelHandlerContext ctx, HttpResponseStatus status) {
    refused = true;
    discard();
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    ctx.writeAndFlush(response).addListener(f -> ctx.close());
  }

  private void discard() {
    head = null;
    if (body != null) {
      body.release();
      body = null;
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (exchange != null) {
      exchange.writabilityChanged();
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    discard();
    Object msg;
    while ((msg = waiting.poll()) != null) {
      ReferenceCountUtil.release(msg);
    }
    if (exchange != null) {
      exchange.closed();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("Connection failed: {}", cause.toString());
    ctx.close();
  }
}
