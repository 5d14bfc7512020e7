package io.millrace.producer;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@link ProducerSettings} from properties. */
final class SettingsReader {
  private static final Pattern WITH_UNIT = Pattern.compile("(\\d+)\\s*(ms|s|m|h)");

  private static final Map<String, BiConsumer<ProducerSettings.Builder, String>> SETTERS =
      new TreeMap<>();

  static {
    setter("linger", SettingsReader::duration, ProducerSettings.Builder::linger);
    setter("maxBlock", SettingsReader::duration, ProducerSettings.Builder::maxBlock);
    setter("deliveryTimeout", SettingsReader::duration, ProducerSettings.Builder::deliveryTimeout);
    setter("requestTimeout", SettingsReader::duration, ProducerSettings.Builder::requestTimeout);
    setter(
        "streamRefreshInterval",
        SettingsReader::duration,
        ProducerSettings.Builder::streamRefreshInterval);
    setter("bufferBytes", Long::valueOf, ProducerSettings.Builder::bufferBytes);
    setter("aggregateMaxBytes", Integer::valueOf, ProducerSettings.Builder::aggregateMaxBytes);
    setter("aggregateMaxRecords", Integer::valueOf, ProducerSettings.Builder::aggregateMaxRecords);
    setter("requestMaxBytes", Integer::valueOf, ProducerSettings.Builder::requestMaxBytes);
    setter("requestMaxRecords", Integer::valueOf, ProducerSettings.Builder::requestMaxRecords);
    setter("requestsInFlight", Integer::valueOf, ProducerSettings.Builder::requestsInFlight);
    setter("shardRate", Double::valueOf, ProducerSettings.Builder::shardRate);
    setter(
        "aggregation",
        text -> constant(ProducerSettings.Aggregation.class, text),
        ProducerSettings.Builder::aggregation);
    setter(
        "ordering",
        text -> constant(ProducerSettings.Ordering.class, text),
        ProducerSettings.Builder::ordering);
    setter(
        "whenShardFull",
        text -> constant(ProducerSettings.WhenShardFull.class, text),
        ProducerSettings.Builder::whenShardFull);
    setter(
        "containerKey",
        text -> constant(ProducerSettings.ContainerKey.class, text),
        ProducerSettings.Builder::containerKey);
    setter(
        "distributionIfUnknown",
        text -> constant(ProducerSettings.Distribution.class, text),
        ProducerSettings.Builder::distributionIfUnknown);
    setter("failWhenThrottled", SettingsReader::bool, ProducerSettings.Builder::failWhenThrottled);
    setter("headersOptional", SettingsReader::bool, ProducerSettings.Builder::headersOptional);
    setter(
        "meterLevel",
        text -> constant(ProducerSettings.MeterLevel.class, text),
        ProducerSettings.Builder::meterLevel);
  }

  private SettingsReader() {}

  private static <T> void setter(
      String name, Function<String, T> parse, BiConsumer<ProducerSettings.Builder, T> set) {
    SETTERS.put(name, (builder, text) -> set.accept(builder, parse.apply(text)));
  }

  static ProducerSettings read(Properties properties, String prefix) {
    ProducerSettings.Builder builder = ProducerSettings.builder();
    for (String property : properties.stringPropertyNames()) {
      if (!property.startsWith(prefix)) {
        continue;
      }
      var setter = SETTERS.get(property.substring(prefix.length()));
      if (setter == null) {
        throw new IllegalArgumentException(
            "property "
                + property
                + " names no producer setting: after the prefix it must be one of "
                + SETTERS.keySet());
      }
      String value = properties.getProperty(property).strip();
      try {
        setter.accept(builder, value);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "property " + property + " is '" + value + "': it must be a number", e);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "property " + property + " is '" + value + "': " + e.getMessage(), e);
      }
    }
    return builder.build();
  }

  private static Duration duration(String text) {
    Matcher unit = WITH_UNIT.matcher(text);
    if (unit.matches()) {
      long count = Long.parseLong(unit.group(1));
      return switch (unit.group(2)) {
        case "ms" -> Duration.ofMillis(count);
        case "s" -> Duration.ofSeconds(count);
        case "m" -> Duration.ofMinutes(count);
        default -> Duration.ofHours(count);
      };
    }
    try {
      return Duration.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "it must be a duration such as 50ms, 5s, 2m, 1h or PT5S", e);
    }
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String text) {
    for (E value : type.getEnumConstants()) {
      if (value.name().equals(text.toUpperCase(Locale.ROOT))) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        "it must be one of " + Arrays.toString(type.getEnumConstants()));
  }

  private static boolean bool(String text) {
    if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
      return Boolean.parseBoolean(text);
    }
    throw new IllegalArgumentException("it must be true or false");
  }
}
