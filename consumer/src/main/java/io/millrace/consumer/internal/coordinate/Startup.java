package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.discover.ConsumedStream;
import io.millrace.consumer.internal.discover.Discovery;
import io.millrace.consumer.internal.loop.Attempts;
import io.millrace.consumer.internal.loop.Backoff;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.loop.Failures;
import io.millrace.consumer.internal.member.FleetWatch;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.internal.table.TableReader;
import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStore.FleetView;
import io.millrace.consumer.lease.LeaseStore.Preparation;
import io.millrace.consumer.lease.LeaseStore.Tables;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WriteOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is checked before a worker registers: streams, tables, mode, and whether the rows
 * belong to these streams. What does not depend on each other is asked for side by side; tables are
 * created, and the mode is put, only when nothing speaks against the start. It ends with what was
 * found, or with the first error. Confined to the loop.
 */
final class Startup {
  private static final int ATTEMPTS = 4;
  private static final Duration TABLE_TIMEOUT = Duration.ofSeconds(60);

  private final EventLoop loop;
  private final LeaseStore store;
  private final LeaseTable table;
  private final TableReader reader;
  private final FleetWatch watch;
  private final WorkerSettings settings;
  private final RandomGenerator random;
  private final StreamLookup lookup;
  private final Outcome outcome;
  private final List<ConsumedStream> streams = new ArrayList<>();
  private boolean described;
  private boolean looked;
  private boolean over;
  private @Nullable Tables tables;
  private @Nullable FleetView fleet;
  private Optional<String> signOfKcl = Optional.empty();
  private boolean lookedForKcl;
  private boolean listed;

  /** Hears of the end. */
  interface Outcome {
    /** The worker may register. */
    void checked(Found found);

    /** The worker can't start. */
    void failed(RuntimeException cause);
  }

  /**
   * What a start has found.
   *
   * @param streams what is read
   * @param tableGeneration of the lease table
   * @param signOfKcl of a KCL on it, if there is one
   */
  record Found(List<ConsumedStream> streams, long tableGeneration, Optional<String> signOfKcl) {}

  Startup(
      Discovery.Parts parts,
      FleetWatch watch,
      StreamLookup lookup,
      WorkerSettings settings,
      Outcome outcome) {
    this.loop = parts.loop();
    this.store = parts.store();
    this.table = parts.table();
    this.reader = parts.reader();
    this.watch = watch;
    this.random = parts.random();
    this.settings = settings;
    this.lookup = lookup;
    this.outcome = outcome;
  }

  void begin() {
    lookAtTables();
    describeNext(0);
  }

  // ---- streams

  private void describeNext(int index) {
    if (index == settings.streams().size()) {
      described = true;
      prepareTables();
      return;
    }
    lookup.find(
        settings.streams().get(index),
        new StreamLookup.Outcome() {
          @Override
          public void found(ConsumedStream stream) {
            streams.add(stream);
            describeNext(index + 1);
          }

          @Override
          public void failed(RuntimeException cause) {
            fail(cause);
          }
        });
  }

  // ---- tables

  /** Tables that are there can be used as soon as the streams are known to be. */
  private void lookAtTables() {
    loop.request(
        () -> store.prepare(preparation(false)),
        attemptTimeout().toNanos(),
        (there, failure) -> {
          // Why they can't be used, if they can't, is told by the preparation that comes next.
          tables = there;
          looked = true;
          prepareTables();
        });
  }

  private Preparation preparation(boolean mayCreate) {
    return new Preparation(settings.application(), attemptTimeout(), true, mayCreate);
  }

  private void prepareTables() {
    if (over || !described || !looked) {
      return;
    }
    if (tables != null) {
      readRows();
      return;
    }
    ask(
        "prepare the lease table",
        () -> store.prepare(preparation(true)),
        TABLE_TIMEOUT,
        made -> {
          tables = made;
          readRows();
        });
  }

  // ---- rows

  private void readRows() {
    ask(
        "read the worker rows",
        store::readFleet,
        attemptTimeout(),
        view -> {
          watch.arrived(view, loop.nowNanos());
          fleet = view;
          examine();
        });
    ask(
        "look for a KCL",
        store::signOfKcl,
        attemptTimeout(),
        sign -> {
          signOfKcl = sign;
          lookedForKcl = true;
          examine();
        });
    reader.list(
        Consistency.STRONG,
        failure -> {
          if (failure != null) {
            fail(storeError("read the lease table", failure));
          } else {
            listed = true;
            examine();
          }
        });
  }

  /** Once everything is read: may this worker start? */
  private void examine() {
    if (over || fleet == null || !lookedForKcl || !listed) {
      return;
    }
    Optional<WorkerRow> newer =
        fleet.workers().stream()
            .filter(row -> row.state() == WorkerRow.State.LIVE)
            .filter(row -> row.protocolVersion() > WorkerRow.PROTOCOL_VERSION)
            .findFirst();
    Optional<String> stranger = Strangers.among(settings, streams, table.leases());
    if (newer.isPresent()) {
      fail(
          new IllegalStateException(
              "worker '"
                  + newer.get().worker()
                  + "' speaks version "
                  + newer.get().protocolVersion()
                  + " of the lease protocol, this one version "
                  + WorkerRow.PROTOCOL_VERSION
                  + ": upgrade this worker"));
    } else if (stranger.isPresent()) {
      fail(new LeaseStoreException(LeaseStoreException.Reason.OTHER_APPLICATION, stranger.get()));
    } else if (fleet.mode() == null) {
      putMode(firstMode(), backoff());
    } else {
      checked();
    }
  }

  private void checked() {
    over = true;
    outcome.checked(
        new Found(List.copyOf(streams), Objects.requireNonNull(tables).generation(), signOfKcl));
  }

  private void fail(RuntimeException cause) {
    if (!over) {
      over = true;
      outcome.failed(cause);
    }
  }

  // ---- mode

  private HeartbeatMode firstMode() {
    return switch (settings.consumer().heartbeats()) {
      case PER_WORKER -> HeartbeatMode.PER_WORKER;
      case PER_LEASE -> HeartbeatMode.PER_LEASE;
      case AUTO -> signOfKcl.isPresent() ? HeartbeatMode.PER_LEASE : HeartbeatMode.PER_WORKER;
    };
  }

  /** Whoever puts it first decides. */
  private void putMode(HeartbeatMode mode, Backoff backoff) {
    loop.request(
        () -> store.changeMode(new FleetMode(mode, 1)),
        attemptTimeout().toNanos(),
        (put, failure) -> {
          Throwable cause = Failures.of(put, failure);
          Optional<FleetMode> there = modeOf(put);
          if (there.isPresent()) {
            modeIs(there.get());
          } else if (Failures.isFutile(cause) || backoff.failures() >= ATTEMPTS) {
            fail(storeError("put the heartbeat mode", cause));
          } else {
            readFleetAgain(mode, backoff);
          }
        });
  }

  private static Optional<FleetMode> modeOf(@Nullable WriteOutcome<FleetMode> put) {
    if (put instanceof WriteOutcome.Applied<FleetMode> applied) {
      return Optional.of(applied.row());
    }
    return put instanceof WriteOutcome.Conflict<FleetMode> conflict
        ? conflict.current()
        : Optional.empty();
  }

  private void modeIs(FleetMode mode) {
    watch.arrived(new FleetView(Objects.requireNonNull(fleet).workers(), mode), loop.nowNanos());
    checked();
  }

  private void readFleetAgain(HeartbeatMode mode, Backoff backoff) {
    ask(
        "read the worker rows",
        store::readFleet,
        attemptTimeout(),
        view -> {
          watch.arrived(view, loop.nowNanos());
          if (view.mode() == null) {
            loop.after(backoff.nextNanos(), () -> putMode(mode, backoff));
          } else {
            checked();
          }
        });
  }

  // ---- asking

  private <T> void ask(
      String what, Supplier<CompletionStage<T>> request, Duration timeout, Consumer<T> next) {
    new Attempts<>(loop, request, timeout.toNanos(), ATTEMPTS, backoff())
        .make(
            (value, failure) -> value == null && !over && !Failures.isFutile(failure),
            (value, failure) -> {
              if (over) {
                return;
              }
              if (value != null) {
                next.accept(value);
              } else {
                fail(storeError(what, failure));
              }
            });
  }

  private RuntimeException storeError(String what, @Nullable Throwable failure) {
    LeaseStoreException refusal = Failures.ofStore(failure);
    return refusal != null
        ? refusal
        : new IllegalStateException(
            "application '"
                + settings.application()
                + "': could not "
                + what
                + " ("
                + Failures.describe(failure)
                + "): check that the lease store can be reached",
            Failures.unwrap(failure));
  }

  private Duration attemptTimeout() {
    return Duration.ofNanos(settings.timing().attemptNanos());
  }

  private Backoff backoff() {
    return new Backoff(random, Duration.ofMillis(100).toNanos(), Duration.ofSeconds(1).toNanos());
  }
}
