package io.millrace.testkit.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.testkit.kinesis.CoreStatistics;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Tells the core's counts as text, one name and number per line, to whoever runs the endpoint in
 * another JVM. Thread-safe.
 */
public final class StatisticsService implements HttpService {
  /** Where to get them. */
  public static final String PATH = "/millrace/statistics";

  private static final int OK = 200;
  private static final String CALLS = "calls.";
  private static final String ERRORS = "errors.";
  private static final String FAILED_ENTRIES = "failed_entries.";

  private final KinesisCore core;

  /** Makes a service. */
  public StatisticsService(KinesisCore core) {
    this.core = core;
  }

  @Override
  public void handle(Exchange exchange) {
    byte[] text = format(core.statistics()).getBytes(UTF_8);
    ByteBuf body = exchange.alloc().heapBuffer(text.length).writeBytes(text);
    exchange.respond(
        OK,
        headers -> headers.set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8"),
        body);
  }

  static String format(CoreStatistics statistics) {
    StringBuilder text = new StringBuilder();
    line(text, "kinesis_records_put", statistics.kinesisRecordsPut());
    line(text, "bytes_put", statistics.bytesPut());
    line(text, "user_records_put", statistics.userRecordsPut());
    line(text, "kinesis_records_read", statistics.kinesisRecordsRead());
    line(text, "silent_calls", statistics.silentCalls());
    line(text, "reset_calls", statistics.resetCalls());
    statistics.calls().forEach((call, count) -> line(text, CALLS + call.name(), count));
    statistics.errors().forEach((code, count) -> line(text, ERRORS + code.name(), count));
    statistics
        .failedEntries()
        .forEach((code, count) -> line(text, FAILED_ENTRIES + code.name(), count));
    return text.toString();
  }

  private static void line(StringBuilder text, String name, long count) {
    text.append(name).append(' ').append(count).append('\n');
  }

  /** Reads what an endpoint of the same version has told. */
  public static CoreStatistics parse(String text) {
    Map<String, Long> counts = new HashMap<>();
    text.lines()
        .map(line -> line.split(" ", 2))
        .forEach(line -> counts.put(line[0], Long.valueOf(line[1])));
    return new CoreStatistics(
        byEnum(counts, CALLS, Operation.class, Operation::valueOf),
        byEnum(counts, ERRORS, ErrorCode.class, ErrorCode::valueOf),
        byEnum(counts, FAILED_ENTRIES, ErrorCode.class, ErrorCode::valueOf),
        counts.getOrDefault("silent_calls", 0L),
        counts.getOrDefault("reset_calls", 0L),
        counts.getOrDefault("kinesis_records_put", 0L),
        counts.getOrDefault("bytes_put", 0L),
        counts.getOrDefault("user_records_put", 0L),
        counts.getOrDefault("kinesis_records_read", 0L));
  }

  private static <E extends Enum<E>> Map<E, Long> byEnum(
      Map<String, Long> counts, String prefix, Class<E> type, Function<String, E> valueOf) {
    Map<E, Long> found = new EnumMap<>(type);
    counts.forEach(
        (name, count) -> {
          if (name.startsWith(prefix)) {
            found.put(valueOf.apply(name.substring(prefix.length())), count);
          }
        });
    return found;
  }
}
