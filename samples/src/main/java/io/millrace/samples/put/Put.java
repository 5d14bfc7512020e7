package io.millrace.samples.put;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.producer.PutResult;
import io.millrace.producer.StreamProducer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * The smallest producer: puts 1,000 records into the stream it is given, and says where they
 * landed.
 */
public final class Put {
  private Put() {}

  public static void main(String[] args) {
    String stream = args[0];
    try (KinesisAsyncClient kinesis = KinesisAsyncClient.create();
        StreamProducer producer = StreamProducer.builder(kinesis).build()) {
      List<CompletableFuture<PutResult>> puts = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        byte[] click = "{\"click\": %d}".formatted(i).getBytes(UTF_8);
        puts.add(producer.put(stream, "user-" + i % 100, click));
      }
      for (CompletableFuture<PutResult> put : puts) {
        PutResult result = put.join();
        System.out.println(result.shard() + " " + result.sequenceNumber());
      }
    }
  }
}
