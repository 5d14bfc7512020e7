package io.millrace.consumer.internal.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.internal.shard.ShardMachine.Effect;
import io.millrace.consumer.internal.shard.ShardMachine.Event;
import io.millrace.consumer.internal.shard.ShardMachine.Phase;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShardMachineTest {
  /** A way from the start to each phase. */
  private static final Map<Phase, List<Event>> PATHS = new EnumMap<>(Phase.class);

  static {
    PATHS.put(Phase.STARTING, List.of());
    PATHS.put(Phase.PROCESSING, List.of(Event.INITIALIZED));
    PATHS.put(Phase.ENDING, List.of(Event.INITIALIZED, Event.ALL_ACKNOWLEDGED));
    PATHS.put(
        Phase.RECORDING_END,
        List.of(Event.INITIALIZED, Event.ALL_ACKNOWLEDGED, Event.END_ACCEPTED));
    PATHS.put(Phase.DRAINING, List.of(Event.INITIALIZED, Event.DRAIN));
    PATHS.put(Phase.SHUTTING_DOWN, List.of(Event.INITIALIZED, Event.DRAIN, Event.IDLE));
    PATHS.put(Phase.SETTLING, List.of(Event.DRAIN, Event.IDLE, Event.SHUTDOWN_HANDLED));
    PATHS.put(Phase.PARKED, List.of(Event.INITIALIZED, Event.PARK));
    PATHS.put(Phase.LEASE_LOST, List.of(Event.LEASE_LOST));
    PATHS.put(
        Phase.SHARD_ENDED,
        List.of(Event.INITIALIZED, Event.ALL_ACKNOWLEDGED, Event.END_ACCEPTED, Event.END_RECORDED));
    PATHS.put(
        Phase.STOPPED,
        List.of(Event.DRAIN, Event.IDLE, Event.SHUTDOWN_HANDLED, Event.CHECKPOINT_SETTLED));
  }

  /** Written out by hand: what can't happen. Everything else must be listed in the table. */
  private static final Map<Phase, Set<Event>> IMPOSSIBLE = new EnumMap<>(Phase.class);

  static {
    IMPOSSIBLE.put(
        Phase.STARTING,
        EnumSet.complementOf(
            EnumSet.of(Event.INITIALIZED, Event.INITIALIZE_FAILED, Event.DRAIN, Event.LEASE_LOST)));
    IMPOSSIBLE.put(
        Phase.PROCESSING,
        EnumSet.complementOf(
            EnumSet.of(Event.ALL_ACKNOWLEDGED, Event.PARK, Event.DRAIN, Event.LEASE_LOST)));
    IMPOSSIBLE.put(
        Phase.ENDING,
        EnumSet.complementOf(
            EnumSet.of(Event.END_ACCEPTED, Event.END_REFUSED, Event.DRAIN, Event.LEASE_LOST)));
    IMPOSSIBLE.put(
        Phase.RECORDING_END,
        EnumSet.complementOf(
            EnumSet.of(
                Event.END_RECORDED,
                Event.END_NOT_RECORDED,
                Event.END_ACCEPTED,
                Event.END_REFUSED,
                Event.DRAIN,
                Event.LEASE_LOST)));
    IMPOSSIBLE.put(Phase.DRAINING, EnumSet.of(Event.SHUTDOWN_HANDLED, Event.CHECKPOINT_SETTLED));
    IMPOSSIBLE.put(
        Phase.SHUTTING_DOWN,
        EnumSet.complementOf(
            EnumSet.of(
                Event.SHUTDOWN_HANDLED,
                Event.END_ACCEPTED,
                Event.END_RECORDED,
                Event.END_NOT_RECORDED,
                Event.DRAIN,
                Event.LEASE_LOST)));
    IMPOSSIBLE.put(
        Phase.SETTLING,
        EnumSet.complementOf(
            EnumSet.of(
                Event.CHECKPOINT_SETTLED,
                Event.END_ACCEPTED,
                Event.END_RECORDED,
                Event.END_NOT_RECORDED,
                Event.DRAIN,
                Event.LEASE_LOST)));
    IMPOSSIBLE.put(
        Phase.PARKED, EnumSet.complementOf(EnumSet.of(Event.PARK, Event.DRAIN, Event.LEASE_LOST)));
    IMPOSSIBLE.put(Phase.LEASE_LOST, EnumSet.noneOf(Event.class));
    IMPOSSIBLE.put(Phase.SHARD_ENDED, EnumSet.noneOf(Event.class));
    IMPOSSIBLE.put(Phase.STOPPED, EnumSet.noneOf(Event.class));
  }

  private static ShardMachine machineIn(Phase phase) {
    ShardMachine machine = new ShardMachine();
    PATHS.get(phase).forEach(machine::on);
    assertThat(machine.phase()).isEqualTo(phase);
    return machine;
  }

  @Test
  void everyPairOfPhaseAndEventIsListedOrImpossible() {
    for (Phase phase : Phase.values()) {
      for (Event event : Event.values()) {
        ShardMachine machine = machineIn(phase);
        if (IMPOSSIBLE.get(phase).contains(event)) {
          assertThat(ShardMachine.allows(phase, event)).as("%s x %s", phase, event).isFalse();
          assertThatThrownBy(() -> machine.on(event))
              .as("%s x %s", phase, event)
              .isInstanceOf(IllegalStateException.class);
          assertThat(machine.phase()).isEqualTo(phase);
        } else {
          assertThat(ShardMachine.allows(phase, event)).as("%s x %s", phase, event).isTrue();
          machine.on(event);
        }
      }
    }
  }

  @Test
  void nothingLeavesAFinalPhaseOrHasAnEffectThere() {
    for (Phase phase : Phase.values()) {
      if (phase.state().isFinal()) {
        for (Event event : Event.values()) {
          ShardMachine machine = machineIn(phase);
          assertThat(machine.on(event)).isEmpty();
          assertThat(machine.phase()).isEqualTo(phase);
        }
      }
    }
  }

  @Test
  void aLostLeaseAbandonsFromEveryPhaseThatIsNotFinal() {
    for (Phase phase : Phase.values()) {
      if (!phase.state().isFinal()) {
        ShardMachine machine = machineIn(phase);
        assertThat(machine.on(Event.LEASE_LOST)).containsExactly(Effect.ABANDON);
        assertThat(machine.phase()).isEqualTo(Phase.LEASE_LOST);
      }
    }
  }

  @Test
  void everyEndReleasesOrAbandonsExactlyOnce() {
    for (Phase phase : Phase.values()) {
      if (phase.state().isFinal()) {
        ShardMachine machine = new ShardMachine();
        List<Effect> effects = new ArrayList<>();
        PATHS.get(phase).forEach(event -> effects.addAll(machine.on(event)));
        assertThat(effects)
            .filteredOn(effect -> effect == Effect.RELEASE || effect == Effect.ABANDON)
            .hasSize(1);
      }
    }
  }
}
