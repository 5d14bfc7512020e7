package io.millrace.producer;

import java.util.List;

/**
 * What a configuration file of the Amazon Kinesis Producer Library comes to here: the settings, and
 * each point in which they are not the same.
 *
 * <pre>{@code
 * KplSettings kpl = ProducerSettings.fromKplProperties(properties);
 * kpl.differences().forEach(difference -> log.info("{}", difference));
 * StreamProducer producer = StreamProducer.builder(kinesis).settings(kpl.settings()).build();
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param settings what was set there is carried over where there is a counterpart; all else has
 *     Millrace's defaults
 * @param differences in the order of the KPL's documentation; unknown properties last
 */
public record KplSettings(ProducerSettings settings, List<Difference> differences) {
  /** Copies. */
  public KplSettings {
    differences = List.copyOf(differences);
  }

  /**
   * One point in which a producer with these settings behaves otherwise than the KPL did.
   *
   * @param property the KPL's name, as in its configuration file
   * @param value what the file says, or the KPL's default if it says nothing; never a password
   * @param kind what became of it
   * @param effect what applies here, and what to do if that is not wanted
   */
  public record Difference(String property, String value, Kind kind, String effect) {
    /** One line for a log. */
    @Override
    public String toString() {
      return property + " = " + value + " (" + kind + "): " + effect;
    }
  }

  /** What became of a KPL property. */
  public enum Kind {
    /** The file does not set it, and the defaults of both libraries differ. */
    DEFAULT,
    /** Carried over with another value or another meaning. */
    CHANGED,
    /** To be set in another place, such as the Kinesis client. */
    ELSEWHERE,
    /** There is nothing to set: what it was for does not exist here, or happens anyway. */
    NOT_NEEDED,
    /** There is no counterpart. */
    NOT_SUPPORTED,
    /** The KPL has no such property. */
    UNKNOWN
  }
}
