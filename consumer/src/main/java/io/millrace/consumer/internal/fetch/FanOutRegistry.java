package io.millrace.consumer.internal.fetch;

import io.millrace.consumer.internal.backoff.FullJitter;
import io.millrace.consumer.internal.fetch.FanOutPort.StreamConsumerInfo;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds or registers the stream consumers of a worker's fan-out streams, once per stream: describe,
 * register if it is missing, wait until it is active, for at most a minute. Nobody deregisters one:
 * it belongs to the fleet.
 *
 * <p>Confined to the worker loop. Driven by the fetchers that wait for an answer.
 */
public final class FanOutRegistry {
  private static final Logger log = LoggerFactory.getLogger(FanOutRegistry.class);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final int MAX_LIMITED = 5;
  private static final long LOST_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final FanOutPort port;
  private final LoopInbox inbox;
  private final RandomGenerator random;
  private final Map<String, Registration> registrations = new HashMap<>();

  /** What was warned of, so that asking again and again warns once. */
  private final Map<String, String> warned = new HashMap<>();

  /**
   * Creates an empty registry.
   *
   * @param inbox takes replies to the loop
   */
  public FanOutRegistry(FanOutPort port, LoopInbox inbox, RandomGenerator random) {
    this.port = port;
    this.inbox = inbox;
    this.random = random;
  }

  /** What is known about a stream consumer. */
  public sealed interface Answer {
    /**
     * It may be used.
     *
     * @param consumerArn its ARN
     */
    record Active(String consumerArn) implements Answer {}

    /**
     * Not known yet: ask again when woken, or after a time.
     *
     * @param nanos the time
     */
    record Pending(long nanos) implements Answer {}

    /**
     * The service refuses it.
     *
     * @param fault why
     */
    record Refused(KinesisFault fault) implements Answer {}
  }

  /**
   * Asks for a stream consumer, and drives its registration.
   *
   * @param wake called on the loop when the answer may have changed
   */
  public Answer ask(String streamArn, String name, Runnable wake, long nowNanos) {
    return registrations
        .computeIfAbsent(streamArn + "/" + name, key -> new Registration(streamArn, name, nowNanos))
        .ask(wake, nowNanos);
  }

  /** Forgets an answer that turned out to be wrong: the consumer was deleted. */
  public void forget(String streamArn, String name) {
    registrations.remove(streamArn + "/" + name);
  }

  private enum Step {
    DESCRIBE,
    REGISTER,
    IN_FLIGHT,
    ACTIVE,
    REFUSED
  }

  private final class Registration {
    private final String streamArn;
    private final String name;
    private final long startNanos;
    private final FullJitter backoff =
        new FullJitter(Duration.ofMillis(200), Duration.ofSeconds(5), random);
    private final Set<Runnable> waiters = new LinkedHashSet<>();
    private Step step = Step.DESCRIBE;
    private long dueNanos;
    private long sentNanos;
    private long requestId;
    private int failures;
    private String consumerArn = "";
    private @Nullable KinesisFault refusal;

    Registration(String streamArn, String name, long nowNanos) {
      this.streamArn = streamArn;
      this.name = name;
      this.startNanos = nowNanos;
      this.dueNanos = nowNanos;
    }

    Answer ask(Runnable wake, long nowNanos) {
      if (step == Step.IN_FLIGHT && nowNanos - sentNanos >= LOST_NANOS) {
        requestId++;
        again(Step.DESCRIBE, nowNanos);
      }
      if ((step == Step.DESCRIBE || step == Step.REGISTER) && dueNanos - nowNanos <= 0) {
        send(nowNanos);
      }
      if (step == Step.ACTIVE) {
        return new Answer.Active(consumerArn);
      }
      KinesisFault fault = refusal;
      if (step == Step.REFUSED && fault != null) {
        return new Answer.Refused(fault);
      }
      waiters.add(wake);
      return new Answer.Pending(
          step == Step.IN_FLIGHT
              ? sentNanos + LOST_NANOS - nowNanos
              : Math.max(0, dueNanos - nowNanos));
    }

    private void send(long nowNanos) {
      boolean register = step == Step.REGISTER;
      step = Step.IN_FLIGHT;
      sentNanos = nowNanos;
      long id = ++requestId;
      (register ? port.registerConsumer(streamArn, name) : port.describeConsumer(streamArn, name))
          .whenComplete(
              (reply, defect) ->
                  inbox.post(now -> onReply(id, register, Replies.orDefect(reply, defect), now)));
    }

    private void onReply(
        long id, boolean registered, Reply<StreamConsumerInfo> reply, long nowNanos) {
      if (id != requestId || step != Step.IN_FLIGHT) {
        return;
      }
      if (reply instanceof Reply.Ok<StreamConsumerInfo> ok) {
        onInfo(ok.value(), nowNanos);
      } else if (reply instanceof Reply.Failed<StreamConsumerInfo> failed) {
        onFault(registered, failed.fault(), nowNanos);
      }
      List<Runnable> woken = List.copyOf(waiters);
      waiters.clear();
      woken.forEach(Runnable::run);
    }

    private void onInfo(StreamConsumerInfo info, long nowNanos) {
      failures = 0;
      if (info.active()) {
        step = Step.ACTIVE;
        consumerArn = info.arn();
        warned.remove(streamArn + "/" + name);
        log.info("stream consumer {} of {} is active", name, streamArn);
      } else if (nowNanos - startNanos >= MAX_WAIT_NANOS) {
        refuse(
            new KinesisFault(
                KinesisFault.Kind.IN_USE, "ConsumerNotActive", "not active within a minute"));
      } else {
        step = Step.DESCRIBE;
        dueNanos = nowNanos + POLL_NANOS;
      }
    }

    private void onFault(boolean registered, KinesisFault fault, long nowNanos) {
      switch (fault.kind()) {
        case NOT_FOUND -> {
          if (registered) {
            refuse(fault);
          } else {
            step = Step.REGISTER;
            dueNanos = nowNanos;
          }
        }
        case IN_USE -> again(Step.DESCRIBE, nowNanos);
        // The service says the same for too many consumers and for too many calls a second.
        case LIMIT_EXCEEDED -> {
          if (registered && failures >= MAX_LIMITED) {
            refuse(fault);
          } else {
            again(registered ? Step.REGISTER : Step.DESCRIBE, nowNanos);
          }
        }
        case DENIED, INVALID, KEY_UNAVAILABLE -> refuse(fault);
        case THROTTLED, TRANSIENT, EXPIRED_ITERATOR ->
            again(registered ? Step.REGISTER : Step.DESCRIBE, nowNanos);
      }
    }

    private void again(Step next, long nowNanos) {
      step = next;
      dueNanos = nowNanos + backoff.nanos(++failures);
    }

    private void refuse(KinesisFault fault) {
      step = Step.REFUSED;
      refusal = fault;
      String why = fault.code() + ": " + fault.message();
      if (!why.equals(warned.put(streamArn + "/" + name, why))) {
        log.warn("stream consumer {} of {} can't be used: {}", name, streamArn, why);
      }
    }
  }
}
