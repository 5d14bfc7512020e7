package io.millrace.producer.internal.loop;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import io.millrace.model.ShardId;
import io.millrace.producer.PutFailure;
import io.millrace.producer.internal.aggregate.OutgoingRecord;
import io.millrace.producer.internal.batch.Lanes;
import io.millrace.producer.internal.batch.PutRequest;
import io.millrace.producer.internal.batch.PutRequest.Parcel;
import io.millrace.producer.internal.batch.ShardLane;
import io.millrace.producer.internal.route.ShardMap;
import io.millrace.producer.internal.send.ShardDescription;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one stream, or of all streams together. Made when the first stream joins.
 *
 * <p>Confined to the producer's loop; registries read what is polled from any thread.
 */
final class StreamMeterSet {
  private static final double[] PERCENTILES = {0.5, 0.9, 0.99, 0.999};

  /** The shard of what has none: it waits for the first shard map, or the service chooses. */
  private static final String NO_SHARD = "none";

  private static final List<PutFailure> AT_THE_DOOR =
      List.of(
          PutFailure.NO_ROOM, PutFailure.INTERRUPTED, PutFailure.CLOSED, PutFailure.RECORD_REFUSED);

  private final MeterScope scope;
  private final LongSupplier tickedNanos;
  private final List<OfStream> streams = new CopyOnWriteArrayList<>();
  private final Map<String, Timer> requests = new HashMap<>();
  private @Nullable Shared shared;

  /** What all streams of the set record to. */
  private record Shared(
      DistributionSummary requestRecords,
      DistributionSummary requestMembers,
      DistributionSummary requestBytes,
      Timer latency) {}

  StreamMeterSet(MeterScope scope, LongSupplier tickedNanos) {
    this.scope = scope;
    this.tickedNanos = tickedNanos;
  }

  /**
   * Adds a stream.
   *
   * @param byShard whether Kinesis records are told apart by shard; then it is the only stream
   */
  StreamMeters join(StreamIntake intake, boolean byShard) {
    if (shared == null) {
      shared = register(byShard);
    }
    RecordMeters common =
        byShard ? null : streams.isEmpty() ? new RecordMeters(scope) : streams.get(0).common;
    OfStream stream = new OfStream(intake, shared, common);
    streams.add(stream);
    return stream;
  }

  private Shared register(boolean byShard) {
    polled("records.received", "User records accepted", StreamIntake::receivedCount);
    polled("bytes.received", "Payload bytes accepted", StreamIntake::receivedBytes);
    polled(
        "headers.dropped",
        "User records whose headers were dropped",
        StreamIntake::droppedHeadersCount);
    for (PutFailure reason : AT_THE_DOOR) {
      scope.polled(
          "records.turned.away",
          "User records whose put failed without being accepted",
          () -> sum(intake -> intake.turnedAwayCount(reason)),
          "reason",
          reason.name());
    }
    scope.gauge(
        "records.outstanding",
        "User records without an outcome",
        "",
        () -> sum(StreamIntake::outstandingCount));
    scope.gauge(
        "records.outstanding.age",
        "Age of the oldest user record without an outcome",
        "seconds",
        this::oldestAgeSeconds);
    scope.gauge(
        "shards.open",
        "Open shards of the shard map in force",
        "",
        () -> sum(StreamIntake::openShards));
    if (!byShard) {
      scope.gauge(
          "rate.factor",
          "The lowest rate factor of a shard, 1 when nothing throttles or nothing is sent",
          "",
          this::lowestFactor);
    }
    return new Shared(
        scope.summary("request.records", "Kinesis records per request", ""),
        scope.summary("request.members", "User records per request", ""),
        scope.summary("request.bytes", "Bytes per request, keys included", "bytes"),
        scope.timerWithPercentiles(
            "record.latency",
            "From the oldest member's put to the reply, per Kinesis record stored",
            PERCENTILES));
  }

  private void polled(String name, String description, ToLongFunction<StreamIntake> read) {
    scope.polled(name, description, () -> sum(read));
  }

  private long sum(ToLongFunction<StreamIntake> read) {
    long sum = 0;
    for (OfStream stream : streams) {
      sum += read.applyAsLong(stream.intake);
    }
    return sum;
  }

  private double oldestAgeSeconds() {
    long nowNanos = tickedNanos.getAsLong();
    long oldest = 0;
    for (OfStream stream : streams) {
      if (stream.intake.outstandingCount() > 0) {
        oldest = Math.max(oldest, stream.intake.oldestAgeNanos(nowNanos));
      }
    }
    return (double) oldest / TimeUnit.SECONDS.toNanos(1);
  }

  private double lowestFactor() {
    double lowest = 1;
    for (OfStream stream : streams) {
      lowest = Math.min(lowest, stream.lowestFactor);
    }
    return lowest;
  }

  private Timer requestTimer(String code) {
    return requests.computeIfAbsent(
        code, c -> scope.timer("request.duration", "Duration of PutRecords requests", "code", c));
  }

  /** Removes them. */
  void close() {
    scope.close();
    streams.forEach(OfStream::closeShards);
  }

  /** Records for one stream. */
  private final class OfStream implements StreamMeters {
    private final StreamIntake intake;
    private final Shared shared;

    /** Where all Kinesis records count; null if they are told apart by shard. */
    private final @Nullable RecordMeters common;

    private final Map<String, OfShard> byShard = new HashMap<>();
    private volatile double lowestFactor = 1;

    OfStream(StreamIntake intake, Shared shared, @Nullable RecordMeters common) {
      this.intake = intake;
      this.shared = shared;
      this.common = common;
    }

    @Override
    public void request(PutRequest request, String code, long durationNanos) {
      int userRecords = 0;
      for (Parcel parcel : request.parcels()) {
        userRecords += parcel.record().memberCount();
      }
      requestTimer(code).record(durationNanos, TimeUnit.NANOSECONDS);
      shared.requestRecords.record(request.parcels().size());
      shared.requestMembers.record(userRecords);
      shared.requestBytes.record((double) request.sizeBytes());
    }

    @Override
    public void stored(OutgoingRecord record, ShardId shard, long ageNanos) {
      of(shard.value()).stored(record);
      shared.latency.record(ageNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void rejected(ShardLane lane, String code, int userRecords) {
      of(lane).rejected(code, userRecords);
    }

    @Override
    public void throttled(ShardLane lane, boolean cut) {
      of(lane).throttled(cut);
    }

    @Override
    public void failed(@Nullable ShardLane lane, OutgoingRecord record, String reason) {
      of(lane).failed(record, reason);
    }

    @Override
    public void misplaced(ShardId shard, int userRecords) {
      of(shard.value()).misplaced(userRecords);
    }

    @Override
    public void rates(Lanes lanes, boolean idle, long nowNanos) {
      // Without traffic nobody looks again, while the factors grow back.
      lowestFactor = idle ? 1 : lanes.lowestRateFactor(nowNanos);
      if (common == null) {
        for (ShardLane lane : lanes.all()) {
          lane.shard()
              .filter(shard -> !lane.isRetired())
              .ifPresent(
                  shard ->
                      ofShard(shard.id().value()).factor =
                          idle ? 1 : lane.limiter().factor(nowNanos));
        }
      }
    }

    @Override
    public void shards(ShardMap map) {
      Set<String> open = new HashSet<>();
      open.add(NO_SHARD);
      for (ShardDescription shard : map.shards()) {
        open.add(shard.id().value());
      }
      byShard
          .entrySet()
          .removeIf(
              entry -> {
                boolean gone = !open.contains(entry.getKey());
                if (gone) {
                  entry.getValue().meters.close();
                }
                return gone;
              });
    }

    @Override
    public void close() {
      // A set of several streams keeps what it has counted until the producer is closed.
      if (streams.size() == 1) {
        StreamMeterSet.this.close();
      }
    }

    private void closeShards() {
      byShard.values().forEach(shard -> shard.meters.close());
      byShard.clear();
    }

    private RecordMeters of(@Nullable ShardLane lane) {
      return of(
          lane == null ? NO_SHARD : lane.shard().map(shard -> shard.id().value()).orElse(NO_SHARD));
    }

    private RecordMeters of(String shard) {
      return common != null ? common : ofShard(shard).meters;
    }

    private OfShard ofShard(String shard) {
      return byShard.computeIfAbsent(shard, id -> new OfShard(scope.with("shard", id)));
    }
  }

  /** One shard's meters and its factor as of the last look. */
  private static final class OfShard {
    private final RecordMeters meters;
    private volatile double factor = 1;

    OfShard(MeterScope scope) {
      this.meters = new RecordMeters(scope);
      scope.gauge(
          "rate.factor",
          "The shard's rate factor, 1 when nothing throttles or nothing is sent",
          "",
          () -> factor);
    }
  }
}
