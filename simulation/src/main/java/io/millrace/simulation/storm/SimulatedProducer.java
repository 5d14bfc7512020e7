package io.millrace.simulation.storm;

import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Distribution;
import io.millrace.producer.PutCallback;
import io.millrace.producer.UnsentRecord;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.loop.ProducerConfig;
import io.millrace.producer.internal.loop.ProducerCore;
import io.millrace.producer.internal.send.EntryReply;
import io.millrace.producer.internal.send.ErrorCodes;
import io.millrace.producer.internal.send.KinesisCallException;
import io.millrace.producer.internal.send.KinesisPort;
import io.millrace.producer.internal.send.PutEntry;
import io.millrace.producer.internal.send.PutRecordsReply;
import io.millrace.producer.internal.send.ServiceFailure;
import io.millrace.producer.internal.send.ShardDescription;
import io.millrace.producer.internal.send.StreamAddress;
import io.millrace.producer.internal.send.StreamSummary;
import io.millrace.producer.internal.settle.CallbackPool;
import io.millrace.simulation.storm.SimulatedWire.Seen;
import io.millrace.simulation.world.Ticker;
import io.millrace.simulation.world.VirtualTime;
import io.millrace.testkit.kinesis.call.KinesisRequest;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecords;
import io.millrace.testkit.kinesis.call.RecordCall.PutResult;
import io.millrace.testkit.kinesis.call.ShardCall.ListShards;
import io.millrace.testkit.kinesis.call.ShardCall.ShardFilter;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeStreamSummary;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * A producer's real core on virtual time: the simulation ticks its loop and carries its requests.
 */
public final class SimulatedProducer {
  private static final int KIBI = 1024;

  private final VirtualTime time;
  private final ProducerCore core;
  private final Ticker ticker;

  /** Starts a producer whose callbacks run at once. */
  public SimulatedProducer(
      VirtualTime time, SimulatedWire wire, ProducerSettings settings, RandomGenerator dice) {
    this(time, wire, settings, dice, () -> 0);
  }

  /**
   * Starts a producer.
   *
   * @param callbackDelayNanos how long the next task for the callbacks' threads waits for one
   */
  public SimulatedProducer(
      VirtualTime time,
      SimulatedWire wire,
      ProducerSettings settings,
      RandomGenerator dice,
      LongSupplier callbackDelayNanos) {
    this.time = time;
    this.core =
        new ProducerCore(
            ProducerConfig.of(settings, Map.of(), List.of()),
            new Port(wire),
            new CallbackPool(
                task -> time.after(callbackDelayNanos.getAsLong(), task), 1, Thread::new),
            null,
            dice);
    this.ticker = new Ticker(time, core.loop()::tick);
    core.wakeBy(ticker::wake);
    ticker.wake();
  }

  /** Puts without waiting: the simulation's budget is never short. */
  void put(String stream, String key, byte[] data, PutCallback callback) {
    core.put(stream, UserRecord.of(key, data), callback);
  }

  /** Puts if there is room; empty if there is none. */
  public Optional<CompletableFuture<io.millrace.producer.PutResult>> tryPut(
      String stream, UserRecord record) {
    return core.tryPut(stream, record);
  }

  /** Sends without lingering; completes once all that was put before has its outcome. */
  public CompletableFuture<Void> flush() {
    return core.flush();
  }

  /** Closes; completes with what was not settled in time. */
  public CompletableFuture<List<UnsentRecord>> close(Duration drain) {
    return core.loop().close(drain.toNanos(), true);
  }

  /** Its process is suspended: the loop stands still while time goes on. */
  public void pause() {
    ticker.pause();
  }

  /** Its process goes on. */
  public void resume() {
    ticker.resume();
  }

  /** What it holds of its byte budget. */
  public long heldBytes() {
    return core.status().bytes();
  }

  /** User records without an outcome. */
  public long outstandingRecords() {
    return core.status().records();
  }

  VirtualTime time() {
    return time;
  }

  /** PutRecords and its companions over the simulated wire. */
  private record Port(SimulatedWire wire) implements KinesisPort {
    @Override
    public CompletableFuture<PutRecordsReply> putRecords(
        StreamAddress stream, List<PutEntry> entries) {
      PutRecords request =
          new PutRecords(refOf(stream), entries.stream().map(Port::entryOf).toList());
      return call(
          request,
          reply ->
              new PutRecordsReply(200, "", reply.results().stream().map(Port::replyOf).toList()));
    }

    @Override
    public CompletableFuture<List<ShardDescription>> listShards(StreamAddress stream) {
      return call(
          ListShards.of(refOf(stream), ShardFilter.of(ShardFilter.Type.AT_LATEST)),
          reply -> reply.shards().stream().filter(ShardInfo::isOpen).map(Port::shardOf).toList());
    }

    @Override
    public CompletableFuture<StreamSummary> describeStreamSummary(StreamAddress stream) {
      return call(
          new DescribeStreamSummary(refOf(stream)),
          reply ->
              new StreamSummary(
                  Distribution.valueOf(reply.description().distribution().name()),
                  reply.description().maxRecordSizeInKiB() * KIBI));
    }

    @Override
    public String location() {
      return "the simulated Kinesis";
    }

    private <R, T> CompletableFuture<T> call(
        KinesisRequest<R> request, Function<R, T> translation) {
      CompletableFuture<T> result = new CompletableFuture<>();
      wire.call(
          request,
          seen -> {
            if (seen instanceof Seen.Answered<R> answered) {
              result.complete(translation.apply(answered.reply()));
            } else {
              result.completeExceptionally(new KinesisCallException(failureOf(seen)));
            }
          });
      return result;
    }

    private static ServiceFailure failureOf(Seen<?> seen) {
      if (seen instanceof Seen.Refused<?> refused) {
        ErrorCode code = refused.error().code();
        return new ServiceFailure(
            ErrorCodes.kindOfRequest(code.wireName(), code.httpStatus()),
            code.httpStatus(),
            code.wireName(),
            refused.error().detail(),
            "",
            null);
      }
      String code = seen instanceof Seen.Reset<?> ? "NoResponse" : "Timeout";
      return ServiceFailure.of(ServiceFailure.Kind.UNKNOWN, code, "no reply", null);
    }

    private static io.millrace.testkit.kinesis.call.RecordCall.PutEntry entryOf(PutEntry entry) {
      HashKey hashKey = entry.explicitHashKey();
      return new io.millrace.testkit.kinesis.call.RecordCall.PutEntry(
          ByteBuffer.wrap(entry.data()),
          entry.partitionKey(),
          hashKey == null ? null : hashKey.toString());
    }

    private static EntryReply replyOf(PutResult result) {
      ErrorCode code = result.errorCode();
      if (code != null) {
        return new EntryReply.Rejected(
            code.wireName(), Objects.requireNonNullElse(result.errorMessage(), ""));
      }
      return new EntryReply.Stored(
          new ShardId(Objects.requireNonNull(result.shardId())),
          SequenceNumber.of(Objects.requireNonNull(result.sequenceNumber())));
    }

    private static ShardDescription shardOf(ShardInfo shard) {
      return new ShardDescription(
          new ShardId(shard.shardId()),
          new HashRange(
              HashKey.parse(shard.startingHashKey()), HashKey.parse(shard.endingHashKey())));
    }

    private static StreamRef refOf(StreamAddress stream) {
      return stream.isArn() ? StreamRef.ofArn(stream.text()) : StreamRef.ofName(stream.text());
    }
  }
}
