import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;

/** Lets the KPL write each case to a stream of its own, and keeps what arrived in it. */
public final class KplVectors {
  private static final String WARM_UP = "warm-up";
  private static final StaticCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));

  /** Arguments: plain port, TLS port, folder to write to. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[2]);
    KinesisClient kinesis =
        KinesisClient.builder()
            .endpointOverride(URI.create("http://127.0.0.1:" + args[0]))
            .region(Region.US_EAST_1)
            .credentialsProvider(CREDENTIALS)
            .build();
    KinesisProducer producer = new KinesisProducer(configuration(Integer.parseInt(args[1])));
    for (var entry : Cases.all().entrySet()) {
      String stream = entry.getKey();
      kinesis.createStream(b -> b.streamName(stream).shardCount(1));
      kinesis.waiter().waitUntilStreamExists(b -> b.streamName(stream));
      warmUp(producer, stream);
      for (Cases.Put put : entry.getValue()) {
        producer.addUserRecord(
            stream, put.partitionKey(), put.explicitHashKey(), ByteBuffer.wrap(put.data()));
      }
      // A flush at once could overtake the last puts on their way to the native process.
      Thread.sleep(1_000);
      producer.flushSync();
      List<Cases.Stored> stored = read(kinesis, stream);
      Files.writeString(
          folder.resolve(stream + ".txt"), Cases.text("KPL 1.1.1", entry.getValue(), stored));
      System.out.println(stream + ": " + stored.size() + " Kinesis records");
    }
    producer.destroy();
    System.exit(0);
  }

  /** The KPL aggregates only what it puts after it has learnt the stream's shards. */
  private static void warmUp(KinesisProducer producer, String stream) throws InterruptedException {
    producer.addUserRecord(stream, WARM_UP, ByteBuffer.wrap(new byte[1]));
    producer.flushSync();
    Thread.sleep(4_000);
  }

  private static List<Cases.Stored> read(KinesisClient kinesis, String stream) {
    List<Cases.Stored> stored = new ArrayList<>();
    for (var shard : kinesis.listShards(b -> b.streamName(stream)).shards()) {
      String iterator =
          kinesis
              .getShardIterator(
                  b ->
                      b.streamName(stream)
                          .shardId(shard.shardId())
                          .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
              .shardIterator();
      GetRecordsResponse response;
      do {
        String from = iterator;
        response = kinesis.getRecords(b -> b.shardIterator(from));
        response.records().stream()
            .filter(r -> !r.partitionKey().equals(WARM_UP))
            .forEach(r -> stored.add(new Cases.Stored(r.partitionKey(), r.data().asByteArray())));
        iterator = response.nextShardIterator();
      } while (response.millisBehindLatest() > 0);
    }
    return stored;
  }

  private static KinesisProducerConfiguration configuration(int tlsPort) {
    return new KinesisProducerConfiguration()
        .setKinesisEndpoint("127.0.0.1")
        .setKinesisPort(tlsPort)
        .setStsEndpoint("127.0.0.1")
        .setStsPort(1)
        .setVerifyCertificate(false)
        .setRegion("us-east-1")
        .setCredentialsProvider(CREDENTIALS)
        .setMetricsLevel("none")
        .setRecordMaxBufferedTime(3_000);
  }
}
