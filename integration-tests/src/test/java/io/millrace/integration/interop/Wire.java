package io.millrace.integration.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.Headers;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.interop.peer.NumberedRecord;
import io.millrace.model.HashKey;
import io.millrace.producer.StreamProducer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** What one library writes, the others read, to the last record. */
@Tag("interop")
abstract class Wire extends InteropFixture {
  static final int MIB = 1 << 20;

  Wire(Endpoint endpoint) {
    super(endpoint);
  }

  private int records() {
    return endpoint().comfortableRecordCount() / 2;
  }

  // ---- KPL to Millrace

  @Test
  void kplWritesAndMillraceReadsByPollingAndByFanOut() throws Exception {
    Account polled = new Account();
    Account fannedOut = new Account();
    TestStream stream = stream(2);
    read(stream, polled, Fetching.polling());
    read(stream, fannedOut, Fetching.fanOut("reader").withoutFallback());

    put(kpl(stream, polled), 0, records(), SIZE_BYTES);

    polled.awaitDelivered(records(), LIMIT);
    fannedOut.awaitDelivered(records(), LIMIT);
    fannedOut.storedAsIn(polled);
    polled.assertComplete(records());
    fannedOut.assertComplete(records());
    assertThat(polled.duplicates()).isZero();
    assertThat(fannedOut.duplicates()).isZero();
  }

  @Test
  void kplWritesThroughASplitAndAMergeAndMillraceReads() throws Exception {
    Account account = new Account();
    TestStream stream = stream(2);
    read(stream, account, Fetching.polling());
    PeerProcess kpl = kpl(stream, account);

    put(kpl, 0, records() / 3, SIZE_BYTES);
    stream.split(stream.openShards().get(0));
    put(kpl, records() / 3, 2 * records() / 3, SIZE_BYTES);
    List<Shard> shards = stream.openShards();
    stream.merge(shards.get(1), shards.get(2));
    put(kpl, 2 * records() / 3, records(), SIZE_BYTES);

    account.awaitDelivered(records(), LIMIT);
    account.assertComplete(records());
  }

  // ---- Millrace to KCL

  @Test
  void millraceWritesThroughASplitAndAMergeAndTheKclReads() throws Exception {
    Account account = new Account();
    Account older = new Account();
    TestStream stream = stream(2);
    try (StreamProducer producer = producer()) {
      put(producer, stream, account, 0, records() / 3, SIZE_BYTES);
      PeerProcess newest = kcl(Peer.KCL_3_5, "kcl", stream, account);
      PeerProcess other =
          kcl(Peer.KCL_3_4, "kcl-3.4", stream, older, "--application", application() + "-2");
      awaitReading(newest);
      awaitReading(other);
      stream.split(stream.openShards().get(0));
      put(producer, stream, account, records() / 3, 2 * records() / 3, SIZE_BYTES);
      List<Shard> shards = stream.openShards();
      stream.merge(shards.get(1), shards.get(2));
      put(producer, stream, account, 2 * records() / 3, records(), SIZE_BYTES);
    }

    account.awaitDelivered(records(), LIMIT);
    older.awaitDelivered(records(), LIMIT);
    older.storedAsIn(account);
    for (Account reader : List.of(account, older)) {
      reader.assertComplete(records());
      reader.assertInOrder();
      assertThat(reader.duplicates()).isZero();
    }
  }

  @Test
  void millraceWritesAndTheKclReadsByFanOut() throws Exception {
    Account account = new Account();
    TestStream stream = stream(2);
    try (StreamProducer producer = producer()) {
      put(producer, stream, account, 0, records(), SIZE_BYTES);
    }
    kcl(Peer.KCL_3_5, "kcl", stream, account, "--fan-out", "reader");

    account.awaitDelivered(records(), LIMIT);
    account.assertComplete(records());
    account.assertInOrder();
    assertThat(account.duplicates()).isZero();
  }

  // ---- large records, both ways

  @Test
  void recordsOfOneMebibyteArriveBothWays() throws Exception {
    largeRecordsArriveBothWays(stream(1), MIB);
  }

  /** A record of each producer, to both consumers. */
  void largeRecordsArriveBothWays(TestStream stream, int bytesWithKey) throws Exception {
    Account written = new Account();
    Account read = new Account();
    // None of these has headers: they would need an aggregate, and room for its format.
    int ours = 2;
    int theirs = 122;
    int sizeBytes = bytesWithKey - NumberedRecord.of(ours, Integer.BYTES).partitionKey().length();
    try (StreamProducer producer = producer()) {
      put(producer, stream, written, ours, ours + 1, sizeBytes);
    }
    put(kpl(stream, written), theirs, theirs + 1, sizeBytes);

    read(stream, read, Fetching.polling());
    kcl(Peer.KCL_3_5, "kcl", stream, written);
    written.awaitDelivered(2, LIMIT);
    read.awaitDelivered(2, LIMIT);
    read.storedAsIn(written);
    written.assertComplete(2);
    read.assertComplete(2);
  }

  // ---- aggregation libraries, both ways

  @ParameterizedTest
  @ValueSource(strings = {"Java 1.0.3", "Node 4.2.8"})
  void aggregationLibraryReadsWhatMillraceWrites(String library) throws Exception {
    Account account = new Account();
    TestStream stream = stream(2);
    try (StreamProducer producer = producer()) {
      put(producer, stream, account, 0, 1_000, SIZE_BYTES);
    }

    PeerProcess reader = aggregation(library, account);
    int requests = 0;
    for (Shard shard : stream.openShards()) {
      for (Record record : recordsOf(stream, shard)) {
        reader.command("read " + record.sequenceNumber() + " " + base64(record.data()));
        requests++;
      }
    }
    awaitEvents(reader, "end"::equals, requests);

    account.assertComplete(1_000);
    assertThat(account.duplicates()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Java 1.0.3", "Node 4.2.8"})
  void millraceReadsWhatAnAggregationLibraryWrites(String library) throws Exception {
    Account account = new Account();
    TestStream stream = stream(1);
    PeerProcess writer = aggregation(library, account);
    int aggregates = 4;
    int members = 250;
    for (int i = 0; i < aggregates * members; i++) {
      NumberedRecord record = NumberedRecord.of(i, SIZE_BYTES);
      writer.command(
          "add "
              + base64(SdkBytes.fromUtf8String(record.partitionKey()))
              + " "
              + record.explicitHashKey().map(Object::toString).orElse("-")
              + " "
              + base64(SdkBytes.fromByteArray(record.payload())));
      account.stored(i);
      if (i % members == members - 1) {
        writer.command("finish");
      }
    }
    for (String event : awaitEvents(writer, e -> e.startsWith("aggregate\t"), aggregates)) {
      putRaw(stream, Base64.getDecoder().decode(event.split("\t", -1)[1]), HashKey.MIN);
    }

    read(stream, account, Fetching.polling());
    account.awaitDelivered(aggregates * members, LIMIT);
    account.assertComplete(aggregates * members);
    account.assertInOrder();
    assertThat(account.duplicates()).isZero();
  }

  private PeerProcess aggregation(String library, Account account) {
    Peer java = Peer.JAVA_AGGREGATION;
    return closing(
        library.startsWith("Java")
            ? PeerProcess.java(
                "aggregation", java.main(), java.classPath(), List.of(), account.of(library))
            : PeerProcess.node(
                "aggregation", "aws-kinesis-agg", "aggregation.js", account.of(library)));
  }

  private static List<String> awaitEvents(
      PeerProcess process, Predicate<String> wanted, int count) {
    TestStream.await(
        count + " events of " + process.name(),
        LIMIT,
        () ->
            process.events().stream().anyMatch(event -> event.startsWith("failed"))
                || process.events().stream().filter(wanted).count() >= count);
    List<String> found = process.events().stream().filter(wanted).toList();
    assertThat(found).as("%s", process.events()).hasSize(count);
    return found;
  }

  // ---- the whole-aggregate rule

  /**
   * An aggregate that was made for a shard before its split, and landed on one of the children: its
   * writer sends all of it again, so readers leave all of it out.
   */
  @Test
  void kclAndMillraceLeaveOutTheSameAggregatesAfterASplit() throws Exception {
    Account ours = new Account();
    Account theirs = new Account();
    TestStream stream = stream(1);
    awaitReading(kcl(Peer.KCL_3_5, "kcl", stream, theirs));
    stream.split(stream.openShards().get(0));
    HashKey childEnd = HashKey.parse(stream.openShards().get(0).hashKeyRange().endingHashKey());

    List<Integer> across = new ArrayList<>();
    List<Integer> inside = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      across.add(i);
    }
    for (int i = 40; i < 400; i++) {
      if (Account.hashKeyOf(NumberedRecord.of(i, SIZE_BYTES)).compareTo(childEnd) <= 0) {
        inside.add(i);
      }
    }
    putRaw(stream, aggregate(across), HashKey.MIN);
    putRaw(stream, aggregate(inside), HashKey.MIN);
    putRaw(stream, aggregate(across), HashKey.MAX);
    try (StreamProducer producer = producer()) {
      put(producer, stream, ours, 0, 40, SIZE_BYTES);
      put(producer, stream, ours, 400, 600, SIZE_BYTES);
    }
    for (int number : inside) {
      ours.stored(number);
    }
    int all = 40 + inside.size() + 200;
    for (int i = 0; i < 600; i++) {
      if (i < 40 || i >= 400 || inside.contains(i)) {
        theirs.stored(i);
      }
    }

    read(stream, ours, Fetching.polling());
    ours.awaitDelivered(all, LIMIT);
    theirs.awaitDelivered(all, LIMIT);
    ours.assertComplete(all);
    theirs.assertComplete(all);
    assertThat(ours.duplicates()).as("of the aggregates that landed wrong").isZero();
    assertThat(theirs.duplicates()).as("of the aggregates that landed wrong").isZero();
  }

  private static byte[] aggregate(List<Integer> numbers) {
    AggregateEncoder encoder = new AggregateEncoder(MIB);
    for (int number : numbers) {
      NumberedRecord record = NumberedRecord.of(number, SIZE_BYTES);
      encoder.tryAdd(
          record.partitionKey(),
          record.explicitHashKey().map(key -> HashKey.parse(key.toString())).orElse(null),
          record.payload(),
          Headers.NONE);
    }
    return encoder.finish();
  }

  // ---- the rest

  /**
   * Waits until a KCL has a shard. A reshard before that would be found by its first listing of the
   * shards, which on kinesis-local shows the children as open at the horizon: the KCL does not
   * start on such a list.
   */
  private static void awaitReading(PeerProcess kcl) {
    kcl.await("it has a shard", LIMIT, event -> event.startsWith("initialized\t"));
  }

  private void read(TestStream stream, Account account, Fetching how) throws Exception {
    closing(
            StreamConsumer.builder("reader", kinesis(), new InMemoryLeaseStore()).stream(
                    stream.name(), StartAt.trimHorizon(), how)
                .onRecord(
                    received -> account.deliver("millrace", MillraceWorker.delivery(received)))
                .build())
        .start()
        .get(60, TimeUnit.SECONDS);
  }

  private void putRaw(TestStream stream, byte[] data, HashKey hashKey) throws Exception {
    kinesis()
        .putRecord(
            r ->
                r.streamName(stream.name())
                    .partitionKey("a")
                    .explicitHashKey(hashKey.toString())
                    .data(SdkBytes.fromByteArray(data)))
        .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  private List<Record> recordsOf(TestStream stream, Shard shard) {
    String iterator =
        TestStream.get(
                kinesis()
                    .getShardIterator(
                        r ->
                            r.streamName(stream.name())
                                .shardId(shard.shardId())
                                .shardIteratorType(ShardIteratorType.TRIM_HORIZON)))
            .shardIterator();
    List<Record> records = new ArrayList<>();
    GetRecordsResponse reply;
    do {
      String from = iterator;
      reply = TestStream.get(kinesis().getRecords(r -> r.shardIterator(from)));
      records.addAll(reply.records());
      iterator = reply.nextShardIterator();
    } while (!reply.records().isEmpty());
    return records;
  }

  private static String base64(SdkBytes bytes) {
    return Base64.getEncoder().encodeToString(bytes.asByteArray());
  }
}
