package io.millrace.producer.internal.loop;

import io.millrace.producer.KinesisLimits;
import io.millrace.producer.internal.loop.FakeKinesis.FakeShard;
import io.millrace.producer.internal.loop.FakeKinesis.PutCall;
import io.millrace.producer.internal.send.PutEntry;
import io.millrace.producer.internal.send.PutRecordsReply;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The service's limits of a shard, on a fake's clock: what is above them is throttled. */
final class ShardRates {
  private final FakeKinesis kinesis;
  private final Map<FakeShard, Allowance> allowances = new HashMap<>();

  /** What a shard may take now; holds one second's worth. */
  private static final class Allowance {
    private double records = KinesisLimits.SHARD_RECORDS_PER_SECOND;
    private double bytes = KinesisLimits.SHARD_BYTES_PER_SECOND;
    private long filledNanos;

    Allowance(long nowNanos) {
      filledNanos = nowNanos;
    }

    boolean take(int size, long nowNanos) {
      double seconds = (double) (nowNanos - filledNanos) / TimeUnit.SECONDS.toNanos(1);
      filledNanos = nowNanos;
      records =
          Math.min(
              KinesisLimits.SHARD_RECORDS_PER_SECOND,
              records + seconds * KinesisLimits.SHARD_RECORDS_PER_SECOND);
      bytes =
          Math.min(
              KinesisLimits.SHARD_BYTES_PER_SECOND,
              bytes + seconds * KinesisLimits.SHARD_BYTES_PER_SECOND);
      if (records < 1 || bytes < size) {
        return false;
      }
      records--;
      bytes -= size;
      return true;
    }
  }

  private ShardRates(FakeKinesis kinesis) {
    this.kinesis = kinesis;
  }

  /** The fake keeps to the limits from now on. */
  static void enforce(FakeKinesis kinesis) {
    ShardRates rates = new ShardRates(kinesis);
    kinesis.onPut = rates::put;
  }

  private CompletableFuture<PutRecordsReply> put(PutCall call) {
    return call.store(this::rejection);
  }

  private String rejection(PutEntry entry) {
    FakeShard shard = kinesis.shardOf(FakeKinesis.keyOf(entry));
    boolean taken =
        allowances
            .computeIfAbsent(shard, s -> new Allowance(kinesis.nowNanos))
            .take(entry.data().length, kinesis.nowNanos);
    return taken ? null : "ProvisionedThroughputExceededException";
  }
}
