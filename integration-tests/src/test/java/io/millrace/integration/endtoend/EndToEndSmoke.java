package io.millrace.integration.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.producer.StreamProducer;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.model.Shard;

/** The shortest proof that an endpoint works: everything at once, in one test. */
abstract class EndToEndSmoke extends EndToEndFixture {
  EndToEndSmoke(Endpoint endpoint) {
    super(endpoint);
  }

  @Test
  void everyRecordIsDeliveredThroughSplitsAndMerges() throws Exception {
    Ledger ledger = new Ledger(KEYS, 100);
    int records = endpoint().comfortableRecordCount();
    TestStream stream = stream(3);
    start(worker("a", stream, ledger::deliver, dynamoDbLeases()));
    start(worker("b", stream, ledger::deliver, dynamoDbLeases()));

    try (StreamProducer producer = orderedProducer()) {
      put(producer, stream, ledger, 0, records / 4);
      stream.split(stream.openShards().get(0));
      put(producer, stream, ledger, records / 4, records / 2);
      List<Shard> shards = stream.openShards();
      stream.merge(shards.get(2), shards.get(3));
      put(producer, stream, ledger, records / 2, records);
    }

    ledger.awaitDelivered(records, LIMIT);
    ledger.assertComplete(records);
    assertThat(ledger.duplicates()).isZero();
  }
}
