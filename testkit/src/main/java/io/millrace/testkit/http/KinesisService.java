package io.millrace.testkit.http;

import io.millrace.testkit.kinesis.call.CallHandler;
import io.millrace.testkit.kinesis.call.Delivery;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.wire.EventStream;
import io.millrace.testkit.wire.OperationCodec;
import io.millrace.testkit.wire.WireException;
import io.millrace.testkit.wire.WireFormat;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The Kinesis API: finds the operation by its target header and the format by its content type,
 * lets the core make the call, and acts out what the core says the client gets to see. Thread-safe.
 */
public final class KinesisService implements HttpService {
  private static final String TARGET = "x-amz-target";
  private static final String TARGET_PREFIX = "Kinesis_20131202.";
  private static final String REQUEST_ID = "x-amzn-RequestId";

  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int ERROR_BYTES = 256;

  private final CallHandler core;
  private final InstantSource clock;
  private final AtomicLong requests = new AtomicLong();

  /**
   * Makes a service.
   *
   * @param core makes the calls
   * @param clock the time that answers show in their {@code Date} header
   */
  public KinesisService(CallHandler core, InstantSource clock) {
    this.core = core;
    this.clock = clock;
  }

  @Override
  public void handle(Exchange exchange) {
    WireFormat format =
        WireFormat.ofContentType(exchange.header(HttpHeaderNames.CONTENT_TYPE))
            .orElse(WireFormat.JSON);
    try {
      Operation operation = operation(exchange);
      if (operation == Operation.SUBSCRIBE_TO_SHARD) {
        subscribe(exchange, format);
      } else {
        answer(exchange, format, OperationCodec.of(operation));
      }
    } catch (WireException e) {
      refuse(exchange, format, BAD_REQUEST, e.type(), e.detail());
    } catch (KinesisError e) {
      refuse(exchange, format, e);
    }
  }

  private static Operation operation(Exchange exchange) {
    String target = exchange.header(TARGET);
    if (!exchange.method().equals("POST") || !target.startsWith(TARGET_PREFIX)) {
      throw new WireException(
          "UnknownOperationException",
          "A request to Kinesis is a POST whose X-Amz-Target starts with " + TARGET_PREFIX);
    }
    return Operation.ofWireName(target.substring(TARGET_PREFIX.length()))
        .orElseThrow(
            () ->
                new WireException(
                    "UnknownOperationException", "The testkit's endpoint has no such operation."));
  }

  /** Makes the call; its outcome is acted out on the exchange's event loop. */
  private <R> void call(
      Exchange exchange, WireFormat format, OperationCodec<R> codec, Consumer<R> onReply) {
    Delivery<R> delivery = core.handle(codec.read(exchange.body(), format));
    Runnable outcome =
        delivery.match(
            answer -> () -> onReply.accept(answer.reply()),
            refusal -> () -> refuse(exchange, format, refusal.error()),
            silence -> () -> {},
            reset -> exchange::reset);
    if (delivery.delayNanos() > 0) {
      var unused = exchange.schedule(Duration.ofNanos(delivery.delayNanos()), outcome);
    } else {
      outcome.run();
    }
  }

  private <R> void answer(Exchange exchange, WireFormat format, OperationCodec<R> codec) {
    call(
        exchange,
        format,
        codec,
        reply -> {
          if (!exchange.ended()) {
            ByteBuf body = exchange.alloc().heapBuffer(codec.sizeHint(reply));
            codec.write(reply, format, body);
            exchange.respond(OK, headers(format.contentType()), body);
          }
        });
  }

  private void subscribe(Exchange exchange, WireFormat format) {
    call(
        exchange,
        format,
        OperationCodec.subscribeToShard(),
        subscription -> {
          if (exchange.ended()) {
            subscription.cancel();
          } else {
            exchange.startStream(OK, headers(EventStream.CONTENT_TYPE));
            EventStream messages = new EventStream(format, exchange.alloc());
            new FanOutStream(exchange, messages, subscription).start();
          }
        });
  }

  private void refuse(Exchange exchange, WireFormat format, KinesisError error) {
    refuse(exchange, format, error.code().httpStatus(), error.code().wireName(), error.detail());
  }

  private void refuse(
      Exchange exchange, WireFormat format, int status, String type, String message) {
    ByteBuf body = exchange.alloc().heapBuffer(ERROR_BYTES);
    format.write(
        body,
        out -> {
          out.text("__type", type);
          out.text("message", message);
        });
    exchange.respond(status, headers(format.contentType()), body);
  }

  private Consumer<HttpHeaders> headers(String contentType) {
    return headers -> {
      headers.set(REQUEST_ID, new UUID(0, requests.incrementAndGet()).toString());
      headers.set(HttpHeaderNames.CONTENT_TYPE, contentType);
      headers.set(HttpHeaderNames.DATE, DateFormatter.format(Date.from(clock.instant())));
    };
  }
}
