package io.millrace.benchmarks.consumer.reader;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/**
 * The bare SDK: GetRecords on every shard, one request after the other, and a look at the size of
 * what came. With the checksum, also what nobody who reads aggregates can leave out.
 */
final class SdkReader implements AutoCloseable {
  private static final int MAGIC_BYTES = 4;
  private static final int CHECKSUM_BYTES = 16;

  private final KinesisAsyncClient client;
  private final int maxRecords;
  private final boolean checksum;
  private final List<ShardLoop> loops = new ArrayList<>();

  /**
   * Prepares to read every shard from its start.
   *
   * @param maxRecords Kinesis records of one read
   * @param checksum whether to check the MD5 of each aggregate's body
   */
  SdkReader(Source source, int maxRecords, boolean checksum) {
    this.client = Clients.kinesis(source);
    this.maxRecords = maxRecords;
    this.checksum = checksum;
    client
        .listShards(request -> request.streamName(source.stream()))
        .join()
        .shards()
        .forEach(shard -> loops.add(new ShardLoop(source.stream(), shard.shardId())));
  }

  /** Reads at least so many user records; how many. */
  long read(long userRecords) {
    long perShard = userRecords / loops.size();
    return loops.stream().map(loop -> loop.read(perShard)).toList().stream()
        .mapToLong(CompletableFuture::join)
        .sum();
  }

  @Override
  public void close() {
    client.close();
  }

  /** One shard. Confined to one read at a time. */
  private final class ShardLoop {
    private final MessageDigest digest;
    private String iterator;

    ShardLoop(String stream, String shardId) {
      try {
        digest = MessageDigest.getInstance("MD5");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
      iterator =
          client
              .getShardIterator(
                  request ->
                      request
                          .streamName(stream)
                          .shardId(shardId)
                          .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
              .join()
              .shardIterator();
    }

    CompletableFuture<Long> read(long wanted) {
      CompletableFuture<Long> done = new CompletableFuture<>();
      next(wanted, 0, done);
      return done;
    }

    private void next(long wanted, long before, CompletableFuture<Long> done) {
      var unused =
          client
              .getRecords(
                  GetRecordsRequest.builder().shardIterator(iterator).limit(maxRecords).build())
              .whenComplete(
                  (response, error) -> {
                    if (error != null) {
                      done.completeExceptionally(error);
                      return;
                    }
                    try {
                      onRecords(response, wanted, before, done);
                    } catch (RuntimeException e) {
                      done.completeExceptionally(e);
                    }
                  });
    }

    private void onRecords(
        GetRecordsResponse response, long wanted, long before, CompletableFuture<Long> done) {
      iterator = response.nextShardIterator();
      response.records().forEach(this::check);
      long read = before + (long) response.records().size() * CannedRecords.MEMBERS;
      if (read >= wanted) {
        done.complete(read);
      } else {
        next(wanted, read, done);
      }
    }

    private void check(Record received) {
      byte[] data = received.data().asByteArrayUnsafe();
      if (data.length < CannedRecords.MEMBERS * CannedRecords.DATA_BYTES) {
        throw new IllegalStateException("a record of " + data.length + " bytes is no aggregate");
      }
      if (checksum) {
        int end = data.length - CHECKSUM_BYTES;
        digest.update(data, MAGIC_BYTES, end - MAGIC_BYTES);
        if (!ByteBuffer.wrap(digest.digest()).equals(ByteBuffer.wrap(data, end, CHECKSUM_BYTES))) {
          throw new IllegalStateException("an aggregate's checksum does not fit");
        }
      }
    }
  }
}
