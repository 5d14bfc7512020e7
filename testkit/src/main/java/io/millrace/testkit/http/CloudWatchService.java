package io.millrace.testkit.http;

import io.millrace.testkit.cloudwatch.CloudWatchSink;
import io.millrace.testkit.cloudwatch.MetricDatum;
import io.millrace.testkit.wire.PutMetricDataReader;
import io.millrace.testkit.wire.WireException;
import io.millrace.testkit.wire.WireFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * CloudWatch's PutMetricData by its one current protocol, Smithy RPC v2 with CBOR, plain or
 * gzipped. Thread-safe.
 */
public final class CloudWatchService implements HttpService {
  /** The path that the SDK posts to. */
  public static final String PATH =
      "/service/GraniteServiceVersion20100801/operation/PutMetricData";

  private static final String PROTOCOL = "rpc-v2-cbor";
  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int INTERNAL_ERROR = 500;
  private static final int SMALL_BODY_BYTES = 128;
  private static final int STEP_BYTES = 8 << 10;

  private final CloudWatchSink sink;

  /** Makes a service that gives the data to a sink. */
  public CloudWatchService(CloudWatchSink sink) {
    this.sink = sink;
  }

  @Override
  public void handle(Exchange exchange) {
    try {
      if (sink.receive(read(exchange))) {
        ByteBuf empty = exchange.alloc().heapBuffer(SMALL_BODY_BYTES);
        WireFormat.CBOR.write(empty, out -> {});
        answer(exchange, OK, empty);
      } else {
        refuse(exchange, INTERNAL_ERROR, "InternalServiceFault", "Failed on request.");
      }
    } catch (WireException e) {
      refuse(exchange, BAD_REQUEST, e.type(), e.detail());
    }
  }

  private static List<MetricDatum> read(Exchange exchange) {
    if (!exchange.header(HttpHeaderNames.CONTENT_ENCODING).equals("gzip")) {
      return WireFormat.CBOR.read(exchange.body(), PutMetricDataReader::read);
    }
    ByteBuf plain = exchange.alloc().heapBuffer();
    try (InputStream gzip = new GZIPInputStream(new ByteBufInputStream(exchange.body().slice()))) {
      while (plain.writeBytes(gzip, STEP_BYTES) >= 0) {
        if (plain.readableBytes() > ExchangeHandler.MAX_BODY_BYTES) {
          throw new WireException(
              "RequestEntityTooLarge", "The decompressed body is larger than 32 MiB.");
        }
      }
      return WireFormat.CBOR.read(plain, PutMetricDataReader::read);
    } catch (IOException e) {
      throw new WireException("SerializationException", "The body is not valid gzip.");
    } finally {
      plain.release();
    }
  }

  private static void refuse(Exchange exchange, int status, String type, String message) {
    ByteBuf body = exchange.alloc().heapBuffer(SMALL_BODY_BYTES);
    WireFormat.CBOR.write(
        body,
        out -> {
          out.text("__type", type);
          out.text("message", message);
        });
    answer(exchange, status, body);
  }

  private static void answer(Exchange exchange, int status, ByteBuf body) {
    exchange.respond(
        status,
        headers ->
            headers
                .set("smithy-protocol", PROTOCOL)
                .set(HttpHeaderNames.CONTENT_TYPE, "application/cbor"),
        body);
  }
}
