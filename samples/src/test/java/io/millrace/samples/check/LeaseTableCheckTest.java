package io.millrace.samples.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.samples.check.Finding.Weight;
import io.millrace.samples.check.LeaseTableCheck.Contents;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class LeaseTableCheckTest {
  private static final long NOW = 1_800_000_000;

  private final List<Map<String, AttributeValue>> rows = new ArrayList<>();
  private final List<Map<String, AttributeValue>> coordinator = new ArrayList<>();

  @Test
  void emptyTableIsNoApplication() {
    assertThat(found(Weight.STOP)).anyMatch(text -> text.contains("has never run"));
  }

  @Test
  void leasesOfBothKindsStopTheMove() {
    lease("shardId-000000000000", "77");
    lease("1:s:2:shardId-000000000000", "77").put("streamName", s("1:s:2"));
    assertThat(found(Weight.STOP)).singleElement().asString().contains("1 of 2 leases");
  }

  @Test
  void leaseOfAKindThatIsNotKnownStopsTheMove() {
    lease("shardId-000000000000", "77");
    assertThat(found(Weight.STOP)).isEmpty();
    lease("shardId-000000000001", "77").put("entityType", s("LEASE_OF_KCL_9"));
    assertThat(found(Weight.STOP)).singleElement().asString().startsWith("1 rows are leases");
  }

  @Test
  void kindOfTheApplicationIsTold() {
    lease("shardId-000000000000", "77");
    assertThat(found(Weight.CHANGES)).anyMatch(text -> text.contains("a single stream"));
    rows.clear();
    lease("1:s:2:shardId-000000000000", "77").put("streamName", s("1:s:2"));
    assertThat(found(Weight.CHANGES)).anyMatch(text -> text.contains("many streams"));
  }

  @Test
  void modeOfTheKclIsReadFromEitherTable() {
    lease("shardId-000000000000", "77");
    coordinator.add(Map.of("key", s("Migration3.0"), "cv", s("CLIENT_VERSION_3X")));
    assertThat(found(Weight.CHANGES)).anyMatch(text -> text.contains("a leader assigns"));
    coordinator.clear();
    rows.add(
        Map.of(
            "leaseKey", s("Migration3.0"),
            "entityType", s("CLIENT_VERSION_MIGRATION"),
            "cv", s("CLIENT_VERSION_UPGRADE_FROM_2X")));
    assertThat(found(Weight.CHANGES)).anyMatch(text -> text.contains("on its way from 2"));
  }

  @Test
  void modeThatIsNotKnownStopsTheMove() {
    lease("shardId-000000000000", "77");
    coordinator.add(Map.of("key", s("Migration3.0"), "cv", s("CLIENT_VERSION_INIT")));
    assertThat(found(Weight.STOP)).isEmpty();
    coordinator.set(0, Map.of("key", s("Migration3.0"), "cv", s("CLIENT_VERSION_9X")));
    coordinator.add(Map.of("key", s("TableMigration3.5"), "tm", s("TABLE_MIGRATION_STATUS_9")));
    assertThat(found(Weight.STOP))
        .hasSize(2)
        .anyMatch(text -> text.contains("CLIENT_VERSION_9X"))
        .anyMatch(text -> text.contains("TABLE_MIGRATION_STATUS_9"));
  }

  @Test
  void tableWithoutASignIsAKcl2() {
    lease("shardId-000000000000", "77");
    assertThat(found(Weight.CHANGES)).anyMatch(text -> text.contains("a KCL 2 or older"));
  }

  @Test
  void finalMigrationOfTheTablesIsTold() {
    lease("shardId-000000000000", "77");
    rows.add(
        Map.of(
            "leaseKey", s("TableMigration3.5"),
            "entityType", s("TABLE_MIGRATION"),
            "tm", s("TABLE_MIGRATION_STATUS_COMPLETE")));
    assertThat(found(Weight.CHANGES)).anyMatch(text -> text.contains("KCL 3.5 or newer"));
  }

  @Test
  void onlyWorkersThatReportedLatelyAreLive() {
    lease("shardId-000000000000", "77");
    worker("old", NOW - 61);
    assertThat(found(Weight.CHANGES)).noneMatch(text -> text.contains("KCL workers"));
    worker("new", NOW - 59);
    assertThat(found(Weight.CHANGES)).anyMatch(text -> text.startsWith("1 KCL workers"));
  }

  @Test
  void positionsAreCounted() {
    lease("shardId-000000000000", "77").put("checkpointSubSequenceNumber", n(3));
    lease("shardId-000000000001", "SHARD_END");
    lease("shardId-000000000002", "LATEST");
    lease("shardId-000000000003", "AT_TIMESTAMP").put("millraceStartTimestamp", n(1));
    lease("shardId-000000000004", "78").put("pendingCheckpoint", s("79"));
    lease("shardId-000000000005", "78").put("checkpointOwner", s("w"));
    assertThat(found(Weight.STAYS))
        .anyMatch(text -> text.startsWith("6 leases, 1 of them of finished shards; 1 checkpoints"))
        .anyMatch(text -> text.startsWith("1 prepared checkpoints"));
    assertThat(found(Weight.CHANGES))
        .anyMatch(text -> text.startsWith("1 leases have never been checkpointed"))
        .anyMatch(text -> text.startsWith("1 leases are being handed over"));
  }

  @Test
  void missingIndexIsTold() {
    lease("shardId-000000000000", "77");
    assertThat(found(Weight.CHANGES)).anyMatch(text -> text.contains("is missing"));
    assertThat(LeaseTableCheck.of(new Contents(rows, coordinator, false, true, NOW)))
        .noneMatch(finding -> finding.text().contains("is missing"));
  }

  private Map<String, AttributeValue> lease(String key, String checkpoint) {
    Map<String, AttributeValue> row = new HashMap<>();
    row.put("leaseKey", s(key));
    row.put("checkpoint", s(checkpoint));
    row.put("leaseCounter", n(5));
    rows.add(row);
    return row;
  }

  private void worker(String id, long updated) {
    rows.add(Map.of("leaseKey", s(id), "entityType", s("WORKER_METRIC_STATS"), "lut", n(updated)));
  }

  private List<String> found(Weight weight) {
    return LeaseTableCheck.of(new Contents(rows, coordinator, false, false, NOW)).stream()
        .filter(finding -> finding.weight() == weight)
        .map(Finding::text)
        .toList();
  }

  private static AttributeValue s(String text) {
    return AttributeValue.fromS(text);
  }

  private static AttributeValue n(long number) {
    return AttributeValue.fromN(Long.toString(number));
  }
}
