package io.millrace.benchmarks.consumer.reader;

import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.Headers;
import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Shard;

/**
 * The records that an endless endpoint gives to every candidate again and again: aggregates of the
 * same number of user records, of keys that belong to their shard. Each user record's data begins
 * with its index in the shard, 8 bytes, so that a reader sees what is missing, twice or out of
 * order.
 */
public final class CannedRecords {
  /** User records of an aggregate. */
  public static final int MEMBERS = 200;

  /** Bytes of a user record's data. */
  static final int DATA_BYTES = 100;

  private static final int KEYS = 10_000;
  private static final int AGGREGATES_PER_REQUEST = 100;

  private CannedRecords() {}

  /**
   * Fills every shard.
   *
   * @param aggregates how many each shard gets
   * @return the number of shards
   */
  public static int fill(KinesisAsyncClient client, String stream, int aggregates) {
    RandomGenerator random = new SplittableRandom(1);
    List<Shard> shards =
        client.listShards(request -> request.streamName(stream).maxResults(1_000)).join().shards();
    List<HashRange> ranges = shards.stream().map(CannedRecords::range).toList();
    List<List<String>> keys = keysOf(ranges, random);
    List<PutRecordsRequestEntry> entries = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      for (int aggregate = 0; aggregate < aggregates; aggregate++) {
        entries.add(
            PutRecordsRequestEntry.builder()
                .partitionKey("a")
                .explicitHashKey(ranges.get(i).start().toString())
                .data(
                    SdkBytes.fromByteArrayUnsafe(
                        aggregate(keys.get(i), (long) aggregate * MEMBERS, random)))
                .build());
        if (entries.size() == AGGREGATES_PER_REQUEST) {
          put(client, stream, entries);
        }
      }
    }
    put(client, stream, entries);
    return ranges.size();
  }

  private static HashRange range(Shard shard) {
    return HashRange.parse(
        shard.hashKeyRange().startingHashKey(), shard.hashKeyRange().endingHashKey());
  }

  private static List<List<String>> keysOf(List<HashRange> ranges, RandomGenerator random) {
    List<List<String>> keys = new ArrayList<>();
    ranges.forEach(range -> keys.add(new ArrayList<>()));
    int left = KEYS;
    // With many shards some would else stay without a key.
    for (int made = 0; made < left || keys.stream().anyMatch(List::isEmpty); made++) {
      String key = "user-" + random.nextInt(1_000_000_000);
      HashKey hash = HashKey.ofPartitionKey(key);
      for (int i = 0; i < ranges.size(); i++) {
        if (ranges.get(i).contains(hash)) {
          keys.get(i).add(key);
        }
      }
    }
    return keys;
  }

  private static byte[] aggregate(List<String> keys, long first, RandomGenerator random) {
    AggregateEncoder encoder = new AggregateEncoder(1 << 20);
    byte[] data = new byte[DATA_BYTES];
    for (int i = 0; i < MEMBERS; i++) {
      random.nextBytes(data);
      ByteBuffer.wrap(data).putLong(0, first + i);
      String key = keys.get(random.nextInt(keys.size()));
      if (encoder.tryAdd(key, null, data, Headers.NONE) != AggregateEncoder.AddResult.ADDED) {
        throw new IllegalStateException("an aggregate does not hold " + MEMBERS + " records");
      }
    }
    return encoder.finish();
  }

  private static void put(
      KinesisAsyncClient client, String stream, List<PutRecordsRequestEntry> entries) {
    if (entries.isEmpty()) {
      return;
    }
    CompletableFuture<PutRecordsResponse> response =
        client.putRecords(
            PutRecordsRequest.builder().streamName(stream).records(List.copyOf(entries)).build());
    if (response.join().failedRecordCount() > 0) {
      throw new IllegalStateException("the endpoint refused records");
    }
    entries.clear();
  }
}
