package io.millrace.consumer.internal.shard;

import io.millrace.consumer.ShardState;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The life of one ownership as a table: what each event does in each phase. Confined to the worker
 * loop.
 *
 * <p>Late and duplicate events are listed as such (they change nothing); a pair that is not listed
 * can't happen, and throws.
 */
final class ShardMachine {
  /** Where an ownership is; finer than the {@link ShardState} that users see. */
  enum Phase {
    /** The processor initializes. */
    STARTING(ShardState.STARTING),
    /** Records are fetched and delivered. */
    PROCESSING(ShardState.PROCESSING),
    /** The end of the shard is reported to the processor. */
    ENDING(ShardState.ENDING),
    /** The processor has accepted the end, and it is being written. */
    RECORDING_END(ShardState.ENDING),
    /** What runs may finish. */
    DRAINING(ShardState.DRAINING),
    /** The processor is told to shut down. */
    SHUTTING_DOWN(ShardState.DRAINING),
    /** The last checkpoint is being written. */
    SETTLING(ShardState.DRAINING),
    /** The failure policy has stopped the shard. */
    PARKED(ShardState.PARKED),
    /** Final. */
    LEASE_LOST(ShardState.LEASE_LOST),
    /** Final. */
    SHARD_ENDED(ShardState.SHARD_ENDED),
    /** Final. */
    STOPPED(ShardState.STOPPED);

    private final ShardState state;

    Phase(ShardState state) {
      this.state = state;
    }

    ShardState state() {
      return state;
    }
  }

  /** What happens to an ownership. */
  enum Event {
    /** The processor is ready. */
    INITIALIZED,
    /** The processor's initialize has thrown. */
    INITIALIZE_FAILED,
    /** The shard was read to its end, and every record is acknowledged. */
    ALL_ACKNOWLEDGED,
    /** The processor has accepted the end of the shard. */
    END_ACCEPTED,
    /** The processor has thrown at the end, or returned without accepting it. */
    END_REFUSED,
    /** The end is durable. */
    END_RECORDED,
    /** Writing the end has failed. */
    END_NOT_RECORDED,
    /** The failure policy stops the shard. */
    PARK,
    /** The lease is to be given up. */
    DRAIN,
    /** No user code runs, and no write is in flight. */
    IDLE,
    /** The processor's shutdownRequested has ended. */
    SHUTDOWN_HANDLED,
    /** The last checkpoint is durable, or given up. */
    CHECKPOINT_SETTLED,
    /** The lease is lost. */
    LEASE_LOST
  }

  /** What has to be done. */
  enum Effect {
    START_FETCHING,
    RETRY_INITIALIZE,
    STOP_FETCHING,
    HALT_DELIVERY,
    REPORT_PARKED,
    REPORT_END,
    RETRY_END,
    RECORD_END,
    REPORT_SHUTDOWN,
    ABANDON,
    RELEASE
  }

  private record Transition(Phase next, List<Effect> effects) {}

  private static final Map<Phase, Map<Event, Transition>> TABLE = new EnumMap<>(Phase.class);

  static {
    from(Phase.STARTING)
        .on(Event.INITIALIZED, Phase.PROCESSING, Effect.START_FETCHING)
        .on(Event.INITIALIZE_FAILED, Phase.STARTING, Effect.RETRY_INITIALIZE)
        .on(Event.DRAIN, Phase.DRAINING)
        .on(Event.LEASE_LOST, Phase.LEASE_LOST, Effect.ABANDON);
    from(Phase.PROCESSING)
        .on(Event.ALL_ACKNOWLEDGED, Phase.ENDING, Effect.REPORT_END)
        .on(
            Event.PARK,
            Phase.PARKED,
            Effect.STOP_FETCHING,
            Effect.HALT_DELIVERY,
            Effect.REPORT_PARKED)
        .on(Event.DRAIN, Phase.DRAINING, Effect.STOP_FETCHING, Effect.HALT_DELIVERY)
        .on(Event.LEASE_LOST, Phase.LEASE_LOST, Effect.ABANDON);
    from(Phase.ENDING)
        .on(Event.END_ACCEPTED, Phase.RECORDING_END, Effect.RECORD_END)
        .on(Event.END_REFUSED, Phase.ENDING, Effect.RETRY_END)
        .on(Event.DRAIN, Phase.DRAINING)
        .on(Event.LEASE_LOST, Phase.LEASE_LOST, Effect.ABANDON);
    from(Phase.RECORDING_END)
        .on(Event.END_RECORDED, Phase.SHARD_ENDED, Effect.RELEASE)
        .on(Event.END_NOT_RECORDED, Phase.ENDING, Effect.RETRY_END)
        .ignores(Event.END_ACCEPTED, Event.END_REFUSED)
        .on(Event.DRAIN, Phase.DRAINING)
        .on(Event.LEASE_LOST, Phase.LEASE_LOST, Effect.ABANDON);
    // A processor that was ending may still accept: then the end is written, and nothing is handed
    // over.
    from(Phase.DRAINING)
        .on(Event.IDLE, Phase.SHUTTING_DOWN, Effect.REPORT_SHUTDOWN)
        .on(Event.END_ACCEPTED, Phase.DRAINING, Effect.RECORD_END)
        .on(Event.END_RECORDED, Phase.SHARD_ENDED, Effect.RELEASE)
        .ignores(
            Event.INITIALIZED,
            Event.INITIALIZE_FAILED,
            Event.ALL_ACKNOWLEDGED,
            Event.END_REFUSED,
            Event.END_NOT_RECORDED,
            Event.PARK,
            Event.DRAIN)
        .on(Event.LEASE_LOST, Phase.LEASE_LOST, Effect.ABANDON);
    from(Phase.SHUTTING_DOWN)
        .on(Event.SHUTDOWN_HANDLED, Phase.SETTLING)
        .on(Event.END_ACCEPTED, Phase.SHUTTING_DOWN, Effect.RECORD_END)
        .on(Event.END_RECORDED, Phase.SHARD_ENDED, Effect.RELEASE)
        .ignores(Event.END_NOT_RECORDED, Event.DRAIN)
        .on(Event.LEASE_LOST, Phase.LEASE_LOST, Effect.ABANDON);
    from(Phase.SETTLING)
        .on(Event.CHECKPOINT_SETTLED, Phase.STOPPED, Effect.RELEASE)
        .on(Event.END_ACCEPTED, Phase.SETTLING, Effect.RECORD_END)
        .on(Event.END_RECORDED, Phase.SHARD_ENDED, Effect.RELEASE)
        .ignores(Event.END_NOT_RECORDED, Event.DRAIN)
        .on(Event.LEASE_LOST, Phase.LEASE_LOST, Effect.ABANDON);
    from(Phase.PARKED)
        .on(Event.DRAIN, Phase.DRAINING)
        .ignores(Event.PARK)
        .on(Event.LEASE_LOST, Phase.LEASE_LOST, Effect.ABANDON);
    for (Phase phase : Phase.values()) {
      if (phase.state().isFinal()) {
        from(phase).ignores(Event.values());
      }
    }
  }

  private static Row from(Phase phase) {
    return new Row(phase);
  }

  /** Fills one row of the table. */
  private static final class Row {
    private final Phase phase;
    private final Map<Event, Transition> row = new EnumMap<>(Event.class);

    Row(Phase phase) {
      this.phase = phase;
      TABLE.put(phase, row);
    }

    Row on(Event event, Phase next, Effect... effects) {
      row.put(event, new Transition(next, List.of(effects)));
      return this;
    }

    Row ignores(Event... events) {
      for (Event event : events) {
        row.put(event, new Transition(phase, List.of()));
      }
      return this;
    }
  }

  private Phase phase = Phase.STARTING;

  Phase phase() {
    return phase;
  }

  /** Whether the table lists the pair. */
  static boolean allows(Phase phase, Event event) {
    return TABLE.getOrDefault(phase, Map.of()).containsKey(event);
  }

  /**
   * Applies an event.
   *
   * @return what has to be done, in this order
   * @throws IllegalStateException if the event can't happen in this phase: a defect
   */
  List<Effect> on(Event event) {
    @Nullable Transition transition = TABLE.getOrDefault(phase, Map.of()).get(event);
    if (transition == null) {
      throw new IllegalStateException(event + " in " + phase + ": this is a defect");
    }
    phase = transition.next();
    return transition.effects();
  }
}
