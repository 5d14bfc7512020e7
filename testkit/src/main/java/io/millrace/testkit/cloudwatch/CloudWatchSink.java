package io.millrace.testkit.cloudwatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Keeps the metric data that the endpoint was sent by PutMetricData, for assertions. Thread-safe.
 *
 * <p>The newest {@value #CAPACITY} data are kept; beyond that the oldest are dropped.
 */
public final class CloudWatchSink {
  /** How many data are kept. */
  public static final int CAPACITY = 100_000;

  private final ArrayDeque<MetricDatum> data = new ArrayDeque<>();
  private final List<Consumer<? super MetricDatum>> listeners = new ArrayList<>();
  private long requests;
  private int failures;

  /** Makes an empty sink. */
  public CloudWatchSink() {}

  /** The data received, oldest first. */
  public synchronized List<MetricDatum> data() {
    return List.copyOf(data);
  }

  /** The data that match, oldest first. */
  public synchronized List<MetricDatum> data(Predicate<? super MetricDatum> filter) {
    return data.stream().filter(filter).toList();
  }

  /** How many PutMetricData requests have come, refused ones included. */
  public synchronized long requests() {
    return requests;
  }

  /** Forgets the data and the planned failures; listeners stay. */
  public synchronized void clear() {
    data.clear();
    failures = 0;
  }

  /** Answers the next requests with a 500 and keeps nothing of them. */
  public synchronized void failNext(int requests) {
    failures = requests;
  }

  /** Calls the listener with each datum to come, on a thread of the endpoint: it may not block. */
  public synchronized void onReceived(Consumer<? super MetricDatum> listener) {
    listeners.add(listener);
  }

  /**
   * Takes the data of one request; called by the endpoint.
   *
   * @return false if the request is to fail
   */
  public boolean receive(List<MetricDatum> received) {
    List<Consumer<? super MetricDatum>> toTell;
    synchronized (this) {
      requests++;
      if (failures > 0) {
        failures--;
        return false;
      }
      data.addAll(received);
      while (data.size() > CAPACITY) {
        data.remove();
      }
      toTell = List.copyOf(listeners);
    }
    toTell.forEach(received::forEach);
    return true;
  }
}
