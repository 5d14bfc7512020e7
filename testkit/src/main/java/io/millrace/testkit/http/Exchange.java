package io.millrace.testkit.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP request and its answer, over HTTP/1.1 or HTTP/2.
 *
 * <p>An exchange ends in exactly one way: {@link #respond answered}, {@link #end streamed to its
 * end}, {@link #reset broken off}, or closed by the client. What is written after the end is
 * dropped, as its reader is gone. The methods are confined to the channel's event loop; other
 * threads get there by {@link #execute}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel, which is noticed
public final class Exchange {
  private enum State {
    WAITING,
    STREAMING,
    ENDED
  }

  private static final Logger log = LoggerFactory.getLogger(Exchange.class);

  private final ChannelHandlerContext ctx;
  private final HttpRequest head;
  private final ByteBuf body;
  private final Runnable onAnswered;
  private State state = State.WAITING;
  private @Nullable Runnable onClosed;
  private @Nullable Runnable onWritable;

  Exchange(ChannelHandlerContext ctx, HttpRequest head, ByteBuf body, Runnable onAnswered) {
    this.ctx = ctx;
    this.head = head;
    this.body = body;
    this.onAnswered = onAnswered;
  }

  /** The request's method, such as {@code POST}. */
  public String method() {
    return head.method().name();
  }

  /** The request's path, with its query if it has one. */
  public String path() {
    return head.uri();
  }

  /** A request header's first value; the empty string when it is absent. */
  public String header(CharSequence name) {
    String value = head.headers().get(name);
    return value == null ? "" : value;
  }

  /** The request's body in a heap buffer: valid only while the service handles the request. */
  public ByteBuf body() {
    return body;
  }

  /** Where answers are best allocated. */
  public ByteBufAllocator alloc() {
    return ctx.alloc();
  }

  /** Whether the exchange is over, for whatever reason. */
  public boolean ended() {
    return state == State.ENDED;
  }

  /** Whether the reader keeps up: while false, a stream should hold back. */
  public boolean isWritable() {
    return ctx.channel().isWritable();
  }

  /**
   * Runs the action on the exchange's event loop; drops it once the endpoint is closed. If it
   * fails, the exchange is reset.
   */
  public void execute(Runnable action) {
    try {
      ctx.executor().execute(guarded(action));
    } catch (RejectedExecutionException e) {
      if (!ctx.executor().isShuttingDown()) {
        throw e;
      }
    }
  }

  /** As {@link #execute}, after the delay by the real clock. */
  public Future<?> schedule(Duration delay, Runnable action) {
    return ctx.executor().schedule(guarded(action), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private Runnable guarded(Runnable action) {
    return () -> {
      try {
        action.run();
      } catch (RuntimeException e) {
        failed(e);
      }
    };
  }

  /** A defect of the endpoint: the client must not wait for an answer that will never come. */
  void failed(RuntimeException defect) {
    log.error("The endpoint failed to answer a request, which is reset", defect);
    reset();
  }

  /** Sets what to run once if the exchange breaks off before the end of the answer. */
  public void onClosed(Runnable action) {
    onClosed = action;
  }

  /** Sets what to run whenever the reader has caught up. */
  public void onWritable(Runnable action) {
    onWritable = action;
  }

  /**
   * Answers with a complete response.
   *
   * @param status the HTTP status
   * @param headers sets headers other than the body's length
   * @param content the body, whose ownership passes to this method
   */
  public void respond(int status, Consumer<HttpHeaders> headers, ByteBuf content) {
    if (state != State.WAITING) {
      content.release();
      return;
    }
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), content);
    headers.accept(response.headers());
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
    finish(response);
  }

  /** Starts a response whose body follows by {@link #write}. */
  public void startStream(int status, Consumer<HttpHeaders> headers) {
    if (state != State.WAITING) {
      return;
    }
    state = State.STREAMING;
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    headers.accept(response.headers());
    if (!isHttp2()) {
      response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    ctx.writeAndFlush(response);
  }

  /** Writes a part of a stream's body, whose ownership passes to this method. */
  public void write(ByteBuf part) {
    if (state != State.STREAMING) {
      part.release();
      return;
    }
    ctx.writeAndFlush(new DefaultHttpContent(part));
  }

  /** Ends a stream in good order. */
  public void end() {
    if (state == State.STREAMING) {
      finish(LastHttpContent.EMPTY_LAST_CONTENT);
    }
  }

  /**
   * Breaks off, before an answer or within one: over HTTP/2 the stream is reset, over HTTP/1.1 the
   * connection. What was written before may or may not reach the client.
   */
  public void reset() {
    if (state == State.ENDED) {
      return;
    }
    closed();
    if (isHttp2()) {
      ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
    } else {
      Channel connection = ctx.channel();
      connection.config().setOption(ChannelOption.SO_LINGER, 0);
      // Past the pipeline: TLS would say goodbye first, and the client would see a regular end.
      connection.unsafe().close(connection.unsafe().voidPromise());
    }
  }

  void writabilityChanged() {
    if (onWritable != null && state == State.STREAMING && isWritable()) {
      onWritable.run();
    }
  }

  void closed() {
    if (state == State.ENDED) {
      return;
    }
    state = State.ENDED;
    if (onClosed != null) {
      onClosed.run();
    }
  }

  private void finish(Object last) {
    state = State.ENDED;
    boolean keepAlive = isHttp2() || HttpUtil.isKeepAlive(head);
    if (last instanceof HttpResponse response && !keepAlive) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    var written = ctx.writeAndFlush(last);
    if (!keepAlive) {
      written.addListener(f -> ctx.close());
    }
    onAnswered.run();
  }

  private boolean isHttp2() {
    return ctx.channel() instanceof Http2StreamChannel;
  }
}
