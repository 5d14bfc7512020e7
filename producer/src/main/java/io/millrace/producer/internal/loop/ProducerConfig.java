package io.millrace.producer.internal.loop;

import io.millrace.producer.ProducerInterceptor;
import io.millrace.producer.ProducerSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A producer's settings, checked.
 *
 * @param settings of all streams without an override
 * @param perStream by name or ARN as given to put
 * @param interceptors in the order in which they run
 */
public record ProducerConfig(
    ProducerSettings settings,
    Map<String, ProducerSettings> perStream,
    List<ProducerInterceptor> interceptors) {

  /** Copies. */
  public ProducerConfig {
    perStream = Map.copyOf(perStream);
    interceptors = List.copyOf(interceptors);
  }

  /**
   * Applies overrides.
   *
   * @throws IllegalArgumentException if one changes what belongs to the whole producer
   */
  public static ProducerConfig of(
      ProducerSettings settings,
      Map<String, UnaryOperator<ProducerSettings.Builder>> overrides,
      List<ProducerInterceptor> interceptors) {
    Map<String, ProducerSettings> perStream = new LinkedHashMap<>();
    overrides.forEach(
        (stream, override) -> {
          ProducerSettings own = override.apply(settings.toBuilder()).build();
          if (own.bufferBytes() != settings.bufferBytes()
              || !own.maxBlock().equals(settings.maxBlock())
              || own.meterLevel() != settings.meterLevel()) {
            throw new IllegalArgumentException(
                "settingsFor('"
                    + stream
                    + "') changes bufferBytes, maxBlock or meterLevel: these belong to the whole"
                    + " producer");
          }
          perStream.put(stream, own);
        });
    return new ProducerConfig(settings, perStream, interceptors);
  }

  /** The settings of one stream. */
  ProducerSettings settingsOf(String stream) {
    return perStream.getOrDefault(stream, settings);
  }
}
