package io.millrace.integration.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Preparation;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;
import io.millrace.integration.endpoint.TestStream;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
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
  /** About 20 seconds of traffic: more than a KCL's leader needs to see that a lease is expired. */
  private static final int RECORDS_OF_A_STEP = 2_000;

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
      assertThat(heartbeats(leases())).isEqualTo(HeartbeatMode.PER_LEASE);
      kclA.kill();
      awaitProgress(account, "ours-a", "kcl-b");

      // It may get no lease yet: Millrace takes none from a KCL worker that lives.
      PeerProcess oursB = millrace("ours-b", stream, account);
      stream.split(stream.openShards().get(0));
      goOn(traffic, account);
      List<Shard> shards = stream.openShards();
      stream.merge(shards.get(2), shards.get(3));
      goOn(traffic, account);

      PeerProcess kclC = kcl(Peer.KCL_3_5, "kcl-c", stream, account);
      goOn(traffic, account);
      oursA.kill();
      awaitProgress(account, "ours-b");
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
      LeaseStore leases = leases();
      assertThat(heartbeats(leases)).isEqualTo(HeartbeatMode.PER_WORKER);
      kcl(version, "kcl-a", mode, stream, account);
      // Its hand is seen, by its rows and tables or by its name on a lease.
      account.await(
          "heartbeats per lease", LIMIT, () -> heartbeats(leases) == HeartbeatMode.PER_LEASE);
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
      account.await(reader + " delivers", LIMIT, () -> account.deliveriesOf(reader) > before);
    }
  }

  /** Lets some more traffic through, and waits until all that was put by then is delivered. */
  private static void goOn(Traffic traffic, Account account) {
    int goal = traffic.count() + RECORDS_OF_A_STEP;
    account.await("traffic goes on", LIMIT, () -> traffic.count() >= goal);
    account.awaitAllBelow(goal, LIMIT);
  }

  /** The application's tables, which are there. */
  private LeaseStore leases() {
    LeaseStore leases = closing(DynamoDbLeaseStore.create(dynamoDb()));
    Preparation tables = new Preparation(application(), Duration.ofSeconds(20), true, false);
    TestStream.get(leases.prepare(tables).toCompletableFuture());
    return leases;
  }

  /** How the Millrace workers show that they live. */
  private static HeartbeatMode heartbeats(LeaseStore leases) {
    FleetMode mode = TestStream.get(leases.readFleet().toCompletableFuture()).mode();
    return Objects.requireNonNull(mode, "a fleet has a mode").heartbeats();
  }

  private static void tell(String what, Account account) {
    System.out.println("interop: " + what + ": " + account);
  }
}
