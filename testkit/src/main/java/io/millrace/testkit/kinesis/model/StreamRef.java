package io.millrace.testkit.kinesis.model;

import org.jspecify.annotations.Nullable;

/**
 * How a request names its stream: by name, by ARN, or by both. Immutable.
 *
 * @param name the stream's name, or null
 * @param arn the stream's ARN, or null
 */
public record StreamRef(@Nullable String name, @Nullable String arn) {
  /** Neither name nor ARN: for the operations that may go without. */
  public static final StreamRef NONE = new StreamRef(null, null);

  /** Names a stream by its name. */
  public static StreamRef ofName(String name) {
    return new StreamRef(name, null);
  }

  /** Names a stream by its ARN. */
  public static StreamRef ofArn(String arn) {
    return new StreamRef(null, arn);
  }

  /** Whether neither name nor ARN is given. */
  public boolean isEmpty() {
    return name == null && arn == null;
  }
}
