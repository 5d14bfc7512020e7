package io.millrace.integration.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;
import io.millrace.integration.endpoint.TestStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.kinesis.model.Shard;

/**
 * Workers of both kinds on one lease table, under traffic of both kinds of producers: whatever
 * happens to them, no record is lost.
 */
@Tag("interop")
@OnEndpoint(Place.TESTKIT)
final class MixedFleetTest extends InteropFixture {
  private static final Duration SETTLING = Duration.ofSeconds(20);

  MixedFleetTest(Endpoint endpoint) {
    super(endpoint);
  }

  /** A fleet is moved to Millrace worker by worker, through a split and a merge, and back. */
  @Test
  void rollingMoveAndRollBackLoseNothing() throws Exception {
    Account account = new Account();
    TestStream stream = stream(4);
    try (Traffic traffic =
        new Traffic(producer(), Optional.of(kpl(stream, account)), stream, account)) {
      PeerProcess kclA = kcl(Peer.KCL_3_5, "kcl-a", stream, account);
      PeerProcess kclB = kcl(Peer.KCL_3_5, "kcl-b", stream, account);
      awaitProgress(account, "kcl-a", "kcl-b");

      PeerProcess oursA = millrace("ours-a", stream, account);
      kclA.kill();
      awaitProgress(account, "ours-a", "kcl-b");

      PeerProcess oursB = millrace("ours-b", stream, account);
      awaitProgress(account, "ours-a", "ours-b", "kcl-b");

      stream.split(stream.openShards().get(0));
      goOn(traffic, account);
      List<Shard> shards = stream.openShards();
      stream.merge(shards.get(2), shards.get(3));
      goOn(traffic, account);

      PeerProcess kclC = kcl(Peer.KCL_3_5, "kcl-c", stream, account);
      goOn(traffic, account);
      oursA.kill();
      goOn(traffic, account);
      kclB.stop();
      goOn(traffic, account);

      // Back: what is released goes to the KCL, whose leader may have to be elected first.
      oursB.stop();
      assertThat(oursB.events()).contains("stopped\ttrue");
      awaitProgress(account, "kcl-c");
      int records = traffic.end();
      account.awaitDelivered(records, LIMIT);
      account.assertComplete(records);
      tell("rolling move and back", account);
      assertThat(kclC.events()).anyMatch(event -> event.startsWith("initialized\t"));
    }
  }

  /**
   * A KCL is started beside a Millrace fleet, in the mode that has a leader and in the one in which
   * each worker takes and steals by itself.
   */
  @ParameterizedTest
  @CsvSource({"KCL_3_5, 3", "KCL_3_5, 3-as-2", "KCL_3_4, 3", "KCL_2, 2"})
  void kclThatJoinsAMillraceFleetLosesNothing(Peer version, String mode) throws Exception {
    Account account = new Account();
    TestStream stream = stream(4);
    try (Traffic traffic = new Traffic(producer(), Optional.empty(), stream, account)) {
      PeerProcess oursA = millrace("ours-a", stream, account);
      PeerProcess oursB = millrace("ours-b", stream, account);
      awaitProgress(account, "ours-a", "ours-b");
      kcl(version, "kcl-a", mode, stream, account);
      goOn(traffic, account);

      oursA.kill();
      goOn(traffic, account);
      stream.split(stream.openShards().get(1));
      oursB.stop();
      awaitProgress(account, "kcl-a");
      millrace("ours-c", stream, account);
      goOn(traffic, account);

      int records = traffic.end();
      account.awaitDelivered(records, LIMIT);
      account.assertComplete(records);
      tell(version + " in mode " + mode + " joins", account);
    }
  }

  /** Waits until each of these readers delivers more. */
  private static void awaitProgress(Account account, String... readers) {
    for (String reader : readers) {
      int before = account.deliveriesOf(reader);
      try {
        TestStream.await(reader + " delivers", LIMIT, () -> account.deliveriesOf(reader) > before);
      } catch (AssertionError e) {
        throw new AssertionError(e.getMessage() + ": " + account, e);
      }
    }
  }

  /** Lets things happen for a while, and waits until all that was put by then is delivered. */
  private static void goOn(Traffic traffic, Account account) {
    long endNanos = System.nanoTime() + SETTLING.toNanos();
    TestStream.await(
        "time passes", SETTLING.multipliedBy(2), () -> System.nanoTime() - endNanos > 0);
    account.awaitDelivered(traffic.count(), LIMIT);
  }

  private static void tell(String what, Account account) {
    System.out.println("interop: " + what + ": " + account);
  }
}
