package io.millrace.consumer.internal.process;

import static io.millrace.consumer.internal.testing.TestRecords.aggregate;
import static io.millrace.consumer.internal.testing.TestRecords.corrupt;
import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static io.millrace.consumer.internal.testing.TestRecords.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.aggregation.KeyHashMemory;
import io.millrace.consumer.failure.CorruptAggregates;
import io.millrace.consumer.internal.checkpoint.Ahead;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordOpenerTest {
  private static final DeliveredRecord.Origin ORIGIN =
      new DeliveredRecord.Origin(
          "arn:aws:kinesis:eu-central-1:1:stream/s", new ShardId("s-0"), new FencingToken(1, 2));

  /** The hash of key a is in the first half, that of key b in the second. */
  private static final HashRange FIRST_HALF =
      new HashRange(HashKey.MIN, new HashKey(Long.MAX_VALUE, -1));

  private final Counts counts = new Counts();

  private static final class Counts implements DeliveryMeters {
    private int droppedAggregates;
    private int droppedMembers;
    private int corrupt;

    @Override
    public void processed(int records, long bytes) {}

    @Override
    public void handlerCall(long nanos, boolean failed) {}

    @Override
    public void redelivered(int records) {}

    @Override
    public void settled(Instant arrival) {}

    @Override
    public void duplicates(int records) {}

    @Override
    public void diverted(int records) {}

    @Override
    public void droppedAggregate(int members) {
      droppedAggregates++;
      droppedMembers += members;
    }

    @Override
    public void corruptAggregate() {
      corrupt++;
    }
  }

  private RecordOpener opener(
      Optional<HashRange> range, CorruptAggregates policy, Optional<Position> start) {
    return new RecordOpener(
        ORIGIN, range, new KeyHashMemory(), policy, start, Ahead.none(), counts);
  }

  private static RecordOpener.Opened open(RecordOpener opener, KinesisRecord... records) {
    List.of(records).forEach(opener::pull);
    return opener.open(1_000);
  }

  private static List<String> texts(RecordOpener.Opened opened) {
    return opened.records().stream().map(record -> text(record.data())).toList();
  }

  @Test
  void aggregateWithAMemberOutsideTheRangeDisappearsAsAWhole() {
    RecordOpener opener =
        opener(Optional.of(FIRST_HALF), CorruptAggregates.DELIVER_RAW, Optional.empty());
    RecordOpener.Opened opened =
        open(opener, aggregate(1, List.of("a", "b", "a")), aggregate(2, List.of("a")));
    assertThat(texts(opened)).containsExactly("a");
    assertThat(opened.entries()).as("both count for the checkpoint").hasSize(2);
    assertThat(counts.droppedAggregates).isEqualTo(1);
    assertThat(counts.droppedMembers).isEqualTo(3);
  }

  @Test
  void plainRecordIsNeverRangeChecked() {
    RecordOpener opener =
        opener(Optional.of(FIRST_HALF), CorruptAggregates.DELIVER_RAW, Optional.empty());
    assertThat(texts(open(opener, plain(1, "b", "data")))).containsExactly("data");
  }

  @Test
  void withoutAKnownRangeNothingIsDropped() {
    RecordOpener opener = opener(Optional.empty(), CorruptAggregates.DELIVER_RAW, Optional.empty());
    assertThat(texts(open(opener, aggregate(1, List.of("a", "b"))))).containsExactly("a", "b");
  }

  @Test
  void membersUpToTheCheckpointAreLeftOut() {
    RecordOpener opener =
        opener(
            Optional.empty(),
            CorruptAggregates.DELIVER_RAW,
            Optional.of(new Position(sequence(2), 1)));
    RecordOpener.Opened opened = open(opener, plain(1), aggregate(2, 4), aggregate(3, 2));
    assertThat(texts(opened)).containsExactly("2/2", "2/3", "3/0", "3/1");
  }

  @Test
  void checkpointBeyondTheMembersOfItsRecordLeavesAllOfThemOut() {
    RecordOpener opener =
        opener(
            Optional.empty(),
            CorruptAggregates.DELIVER_RAW,
            Optional.of(new Position(sequence(2), 9)));
    assertThat(texts(open(opener, aggregate(2, 4), plain(3)))).containsExactly("data3");
  }

  @Test
  void corruptAggregateIsDeliveredRawByDefault() {
    RecordOpener opener = opener(Optional.empty(), CorruptAggregates.DELIVER_RAW, Optional.empty());
    RecordOpener.Opened opened = open(opener, corrupt(1), plain(2));
    assertThat(opened.records()).hasSize(2);
    assertThat(opened.records().get(0).isCorrupt()).isFalse();
    assertThat(opened.records().get(0).sizeBytes()).isEqualTo(27);
    assertThat(counts.corrupt).isEqualTo(1);
  }

  @Test
  void corruptAggregateMayGoToTheDestination() {
    RecordOpener opener =
        opener(Optional.empty(), CorruptAggregates.TO_DESTINATION, Optional.empty());
    RecordOpener.Opened opened = open(opener, corrupt(1), plain(2));
    assertThat(opened.records().get(0).isCorrupt()).isTrue();
    assertThat(opened.records().get(1).isCorrupt()).isFalse();
  }

  @Test
  void largeAggregatesAreOpenedALittleAtATime() {
    RecordOpener opener = opener(Optional.empty(), CorruptAggregates.DELIVER_RAW, Optional.empty());
    opener.pull(aggregate(1, 10_000));
    List<String> all = new ArrayList<>();
    int turns = 0;
    while (opener.hasMore()) {
      RecordOpener.Opened opened = opener.open(64);
      assertThat(opened.records()).hasSizeLessThanOrEqualTo(64);
      all.addAll(texts(opened));
      turns++;
    }
    assertThat(turns).isEqualTo(157);
    assertThat(all).hasSize(10_000).doesNotHaveDuplicates();
    assertThat(all.get(9_999)).isEqualTo("1/9999");
  }

  @Test
  void recordShowsItselfWithoutKeyOrData() {
    RecordOpener opener = opener(Optional.empty(), CorruptAggregates.DELIVER_RAW, Optional.empty());
    DeliveredRecord record = open(opener, aggregate(1, List.of("canary-key"))).records().get(0);
    assertThat(record.toString()).doesNotContain("canary").contains(sequence(1).toString());
    assertThat(record.partitionKey()).isEqualTo("canary-key");
    assertThat(record.aggregated()).isTrue();
    assertThat(record.data().isReadOnly()).isTrue();
    assertThat(record.copy()).hasSize(10);
    assertThat(record.fencingToken()).isEqualTo(new FencingToken(1, 2));
  }
}
