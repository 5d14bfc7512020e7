package io.millrace.integration.endpoint;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What tests call the streams, applications and tables that they create, so that whatever one of
 * them leaves behind can be found: by the run, or by all runs.
 */
public final class TestNames {
  /** Of every run. Nothing else in an account may begin like this: it would be deleted. */
  static final String PREFIX = "millrace-test-";

  /** Of this run. */
  static final String OF_THIS_RUN = PREFIX + UUID.randomUUID().toString().substring(0, 8) + "-";

  private static final AtomicInteger NEXT = new AtomicInteger();

  private TestNames() {}

  /** A name that nobody else uses. */
  public static String next() {
    return OF_THIS_RUN + NEXT.incrementAndGet();
  }
}
