package io.millrace.benchmarks.consumer.reader;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.BatchResult;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.handler.RecordBatch;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.Arrays;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Millrace's consumer at its defaults, but for what the caller changes. */
final class MillraceReader implements AutoCloseable {
  private final KinesisAsyncClient kinesis;
  private final DynamoDbAsyncClient dynamoDb;
  private final StreamConsumer consumer;

  /** What the application gets. */
  enum Shape {
    /** Single records. */
    RECORDS,
    /** Batches. */
    BATCHES
  }

  /** A shard and its sink. */
  private record Entry(ShardId shard, ShardSink sink) {}

  MillraceReader(
      Source source,
      String application,
      Shape shape,
      Fetching fetching,
      ConsumerSettings settings,
      ShardSink.Factory sinks) {
    kinesis = Clients.kinesis(source);
    dynamoDb = Clients.dynamoDb(source);
    StreamConsumer.Builder builder =
        StreamConsumer.builder(application, kinesis, DynamoDbLeaseStore.create(dynamoDb)).stream(
                source.stream(), StartAt.trimHorizon(), fetching)
            .settings(settings);
    Handler handler = new Handler(sinks);
    consumer =
        switch (shape) {
          case RECORDS -> builder.onRecord(handler::handle).build();
          case BATCHES -> builder.onBatch(handler::handle).build();
        };
    consumer.start().join();
  }

  StreamConsumer consumer() {
    return consumer;
  }

  @Override
  public void close() {
    consumer.close(Duration.ofSeconds(1));
    kinesis.close();
    dynamoDb.close();
  }

  /** Brings each record to its shard's sink. Thread-safe. */
  private static final class Handler {
    private final ShardSink.Factory sinks;
    private volatile Entry[] entries = {};

    Handler(ShardSink.Factory sinks) {
      this.sinks = sinks;
    }

    void handle(ReceivedRecord received) {
      sinkOf(received.shard()).take(received.partitionKey(), received.data());
    }

    BatchResult handle(RecordBatch batch) {
      ShardSink sink = sinkOf(batch.shard());
      for (ReceivedRecord received : batch.records()) {
        sink.take(received.partitionKey(), received.data());
      }
      return BatchResult.ok();
    }

    @SuppressWarnings("ReferenceEquality")
    private ShardSink sinkOf(ShardId shard) {
      for (Entry entry : entries) {
        // The same object for all records of an ownership.
        if (entry.shard() == shard) {
          return entry.sink();
        }
      }
      return add(shard);
    }

    private synchronized ShardSink add(ShardId shard) {
      ShardSink sink = sinks.forShard(shard.value());
      Entry[] more = Arrays.copyOf(entries, entries.length + 1);
      more[entries.length] = new Entry(shard, sink);
      entries = more;
      return sink;
    }
  }
}
