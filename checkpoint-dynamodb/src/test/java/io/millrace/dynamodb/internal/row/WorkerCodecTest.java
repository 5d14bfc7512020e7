package io.millrace.dynamodb.internal.row;

import static io.millrace.dynamodb.internal.row.LeaseCodecTest.n;
import static io.millrace.dynamodb.internal.row.LeaseCodecTest.s;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WorkerRow.State;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class WorkerCodecTest {
  private static final WorkerRow ROW =
      new WorkerRow(
          "alice",
          "a1",
          5,
          17,
          State.LEAVING,
          1,
          Duration.ofMillis(12_345),
          7,
          2,
          42,
          12.5,
          List.of(
              new Notice(3, Notice.Kind.RELEASED, LeaseKey.of("shardId-1")),
              new Notice(4, Notice.Kind.CLAIMED, LeaseKey.parse("1:s:2:shardId-1"))));

  private static Map<String, AttributeValue> item() {
    Map<String, AttributeValue> item = new HashMap<>(WorkerCodec.encode(ROW));
    item.put("worker", s("alice"));
    return item;
  }

  @Test
  void workerIsReadBackAsItWasWritten() {
    assertThat(WorkerCodec.worker(item())).contains(ROW);
  }

  @Test
  void noticesAreShortTexts() {
    assertThat(item().get("notices").l())
        .containsExactly(s("3/RELEASED/shardId-1"), s("4/CLAIMED/1:s:2:shardId-1"));
  }

  @Test
  void noticesOfALaterVersionAreLeftOut() {
    Map<String, AttributeValue> item = item();
    item.put(
        "notices",
        AttributeValue.fromL(
            List.of(s("5/EXPLODED/shardId-1"), s("nothing"), n("6"), s("7/ENDED/shardId-2"))));

    assertThat(WorkerCodec.worker(item).orElseThrow().notices())
        .containsExactly(new Notice(7, Notice.Kind.ENDED, LeaseKey.of("shardId-2")));
  }

  @Test
  void workerOfALaterProtocolIsReadSoThatItCanBeRefused() {
    Map<String, AttributeValue> item = item();
    item.put("protocolVersion", n("2"));
    item.put("state", s("MEDITATING"));

    WorkerRow worker = WorkerCodec.worker(item).orElseThrow();

    assertThat(worker.protocolVersion()).isEqualTo(2);
    assertThat(worker.state()).isEqualTo(State.LIVE);
  }

  @Test
  void workerThatCanNotBeReadIsMalformed() {
    for (String name : List.of("incarnation", "epoch", "heartbeat", "state", "failoverMillis")) {
      Map<String, AttributeValue> item = item();
      item.remove(name);
      malformed(item, name);
    }
    Map<String, AttributeValue> unknownState = item();
    unknownState.put("state", s("MEDITATING"));
    malformed(unknownState, "state");
    Map<String, AttributeValue> zeroEpoch = item();
    zeroEpoch.put("epoch", n("0"));
    malformed(zeroEpoch, "epoch");
    Map<String, AttributeValue> huge = item();
    huge.put("maxLeases", n("2147483648"));
    malformed(huge, "maxLeases");
  }

  @Test
  void rowsOfTheFleetAreNoWorkers() {
    Map<String, AttributeValue> mode =
        Map.of("worker", s("#mode"), "heartbeats", s("PER_LEASE"), "version", n("3"));
    Map<String, AttributeValue> fleet =
        Map.of("worker", s("#fleet"), "application", s("orders"), "leaseTable", s("orders-l"));

    assertThat(WorkerCodec.worker(mode)).isEmpty();
    assertThat(WorkerCodec.worker(fleet)).isEmpty();
    assertThat(WorkerCodec.mode(mode)).contains(new FleetMode(HeartbeatMode.PER_LEASE, 3));
    assertThat(WorkerCodec.mode(item())).isEmpty();
    assertThat(WorkerCodec.mode(fleet)).isEmpty();
    assertThat(WorkerCodec.fleet(fleet)).contains(new WorkerCodec.Fleet("orders", "orders-l"));
    assertThat(WorkerCodec.fleet(mode)).isEmpty();
  }

  @Test
  void modeThatCanNotBeReadIsMalformed() {
    assertThatExceptionOfType(LeaseStoreException.class)
        .isThrownBy(
            () ->
                WorkerCodec.mode(
                    Map.of("worker", s("#mode"), "heartbeats", s("PER_MOON"), "version", n("3"))))
        .withMessageContaining("heartbeats");
  }

  @Test
  void heartbeatNeedsItsOwnLifeAndAnOlderBeat() {
    RowWrite write = WorkerWrites.heartbeat(ROW);

    assertThat(write.condition().expression())
        .isEqualTo(
            "(#incarnation = :knownIncarnation AND #epoch = :knownEpoch AND #state <> :fenced AND"
                + " #heartbeat < :nextHeartbeat)");
    assertThat(write.condition().values())
        .containsEntry(":nextHeartbeat", n("17"))
        .containsEntry(":fenced", s("FENCED"));
  }

  @Test
  void fencingChangesTheStateAlone() {
    RowWrite.Update write = (RowWrite.Update) WorkerWrites.fence(ROW);

    assertThat(write.changes().expression()).isEqualTo("SET #state = :new_state");
    assertThat(write.condition().expression())
        .isEqualTo(
            "(#incarnation = :knownIncarnation AND #epoch = :knownEpoch AND #heartbeat ="
                + " :knownHeartbeat)");
  }

  @Test
  void workerIdThatLooksLikeARowOfTheFleetIsRefused() {
    WorkerRow reserved =
        new WorkerRow(
            "#mode", "i", 1, 1, State.LIVE, 1, Duration.ofSeconds(10), 1, 0, 0, 0, List.of());

    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> WorkerWrites.register(reserved, null))
        .withMessageContaining("#mode");
  }

  private static void malformed(Map<String, AttributeValue> item, String attribute) {
    assertThatExceptionOfType(LeaseStoreException.class)
        .isThrownBy(() -> WorkerCodec.worker(item))
        .withMessageContaining("alice")
        .withMessageContaining(attribute)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(LeaseStoreException.Reason.MALFORMED_ROW));
  }
}
