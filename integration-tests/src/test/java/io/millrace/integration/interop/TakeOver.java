package io.millrace.integration.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.interop.peer.Delivery;
import io.millrace.producer.StreamProducer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A KCL application whose lease table Millrace goes on with, and back. */
@Tag("interop")
abstract class TakeOver extends InteropFixture {
  private static final int RECORDS = 1_000;
  private static final int FIRST_STOP = 300;
  private static final int SECOND_STOP = 700;

  TakeOver(Endpoint endpoint) {
    super(endpoint);
  }

  @ParameterizedTest
  @EnumSource(
      value = Peer.class,
      names = {"KCL_3_5", "KCL_3_4", "KCL_2"})
  void applicationIsTakenOverAndGivenBackInTheMiddleOfAnAggregate(Peer version) throws Exception {
    Account account = new Account();
    TestStream stream = stream(1);
    try (StreamProducer producer = producer()) {
      put(producer, stream, account, 0, RECORDS, SIZE_BYTES);
    }
    String mode = version == Peer.KCL_2 ? "2" : "3";

    PeerProcess before =
        kcl(
            version,
            "kcl-before",
            mode,
            stream,
            account,
            "--stop-after",
            Integer.toString(FIRST_STOP));
    String first = checkpoint(before);
    before.kill();
    assertThat(account.deliveredCount()).isEqualTo(FIRST_STOP + 1);

    PeerProcess ours =
        millrace("ours", stream, account, "--stop-after", Integer.toString(SECOND_STOP));
    String second = checkpoint(ours);
    ours.stop();
    assertThat(account.firstOf("ours").map(TakeOver::position)).contains(nextAfter(first));
    assertThat(account.deliveredCount()).isEqualTo(SECOND_STOP + 1);

    kcl(version, "kcl-after", mode, stream, account);
    account.awaitDelivered(RECORDS, LIMIT);
    assertThat(account.firstOf("kcl-after").map(TakeOver::position)).contains(nextAfter(second));
    account.assertComplete(RECORDS);
    account.assertInOrder();
    assertThat(account.duplicates()).isZero();
  }

  private static String checkpoint(PeerProcess worker) {
    return worker.await("its checkpoint", LIMIT, event -> event.startsWith("checkpointed\t"));
  }

  /** The next member of the same aggregate. */
  private static String nextAfter(String checkpoint) {
    String[] words = checkpoint.split("\t", -1);
    return words[2] + "/" + (Long.parseLong(words[3]) + 1);
  }

  private static String position(Delivery delivery) {
    return delivery.sequenceNumber() + "/" + delivery.subSequenceNumber();
  }
}
