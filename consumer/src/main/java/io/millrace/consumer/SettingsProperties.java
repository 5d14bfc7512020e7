package io.millrace.consumer;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@link ConsumerSettings} from properties. */
final class SettingsProperties {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,18})\\s*(KiB|MiB|GiB|)");
  private static final Map<String, BiConsumer<ConsumerSettings.Builder, String>> SETTERS =
      new TreeMap<>();

  static {
    SETTERS.put("workerId", ConsumerSettings.Builder::workerId);
    duration("failoverTime", ConsumerSettings.Builder::failoverTime);
    duration("handoffTimeout", ConsumerSettings.Builder::handoffTimeout);
    setter("heartbeats", SettingsProperties::heartbeats, ConsumerSettings.Builder::heartbeats);
    setter("maxLeases", Integer::valueOf, ConsumerSettings.Builder::maxLeases);
    duration("membershipInterval", ConsumerSettings.Builder::membershipInterval);
    duration("auditInterval", ConsumerSettings.Builder::auditInterval);
    duration("parkedRetryInterval", ConsumerSettings.Builder::parkedRetryInterval);
    duration("checkpointInterval", ConsumerSettings.Builder::checkpointInterval);
    setter("checkpointRecords", Integer::valueOf, ConsumerSettings.Builder::checkpointRecords);
    duration("checkpointTimeout", ConsumerSettings.Builder::checkpointTimeout);
    duration("idlePollInterval", ConsumerSettings.Builder::idlePollInterval);
    setter("shardReadsPerSecond", Double::valueOf, ConsumerSettings.Builder::shardReadsPerSecond);
    size("shardReadBytesPerSecond", ConsumerSettings.Builder::shardReadBytesPerSecond);
    duration("requestTimeout", ConsumerSettings.Builder::requestTimeout);
    setter("fetchMaxRecords", Integer::valueOf, ConsumerSettings.Builder::fetchMaxRecords);
    setter("concurrentFetches", Integer::valueOf, ConsumerSettings.Builder::concurrentFetches);
    size("bufferBytes", ConsumerSettings.Builder::bufferBytes);
    setter(
        "maxUnacknowledgedRecords",
        Integer::valueOf,
        ConsumerSettings.Builder::maxUnacknowledgedRecords);
    setter("batchMaxRecords", Integer::valueOf, ConsumerSettings.Builder::batchMaxRecords);
    size("batchMaxBytes", ConsumerSettings.Builder::batchMaxBytes);
    duration("handlerTimeout", ConsumerSettings.Builder::handlerTimeout);
    duration("stallAfter", ConsumerSettings.Builder::stallAfter);
  }

  private SettingsProperties() {}

  static ConsumerSettings read(Properties properties, String prefix) {
    ConsumerSettings.Builder builder = ConsumerSettings.builder();
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith(prefix)) {
        BiConsumer<ConsumerSettings.Builder, String> setter =
            SETTERS.get(name.substring(prefix.length()));
        if (setter == null) {
          throw new IllegalArgumentException(
              "property " + name + ": unknown, must be one of " + SETTERS.keySet());
        }
        set(builder, setter, name, properties.getProperty(name).trim());
      }
    }
    return builder.build();
  }

  private static void set(
      ConsumerSettings.Builder builder,
      BiConsumer<ConsumerSettings.Builder, String> setter,
      String name,
      String value) {
    try {
      setter.accept(builder, value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("property " + name + "=" + value + ": not a number", e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "property " + name + "=" + value + ": " + e.getMessage(), e);
    }
  }

  private static void duration(String name, BiConsumer<ConsumerSettings.Builder, Duration> setter) {
    setter(name, SettingsProperties::parseDuration, setter);
  }

  private static void size(String name, BiConsumer<ConsumerSettings.Builder, Long> setter) {
    setter(name, SettingsProperties::parseSize, setter);
  }

  private static <T> void setter(
      String name, Function<String, T> parse, BiConsumer<ConsumerSettings.Builder, T> setter) {
    SETTERS.put(name, (builder, text) -> setter.accept(builder, parse.apply(text)));
  }

  private static ConsumerSettings.Heartbeats heartbeats(String text) {
    for (ConsumerSettings.Heartbeats mode : ConsumerSettings.Heartbeats.values()) {
      if (mode.name().equals(text)) {
        return mode;
      }
    }
    throw new IllegalArgumentException("must be AUTO, PER_WORKER or PER_LEASE");
  }

  private static Duration parseDuration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (matcher.matches()) {
      long amount = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "ms" -> Duration.ofMillis(amount);
        case "s" -> Duration.ofSeconds(amount);
        case "m" -> Duration.ofMinutes(amount);
        default -> Duration.ofHours(amount);
      };
    }
    try {
      return Duration.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "must be a duration such as 500ms, 10s, 5m, 1h or PT10S", e);
    }
  }

  private static Long parseSize(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("must be a size in bytes such as 1048576, 64KiB or 64MiB");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "KiB" -> Math.multiplyExact(amount, 1L << 10);
      case "MiB" -> Math.multiplyExact(amount, 1L << 20);
      case "GiB" -> Math.multiplyExact(amount, 1L << 30);
      default -> amount;
    };
  }
}
