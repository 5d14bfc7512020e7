package io.millrace.dynamodb.internal.row;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import io.millrace.consumer.lease.PendingCheckpoint;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WriteId;
import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class LeaseCodecProperties {
  @Property(tries = 500)
  void everyLeaseIsReadBack(@ForAll("leases") Lease lease) {
    assertThat(LeaseCodec.decode(LeaseCodec.encode(lease))).contains(lease);
  }

  @Property(tries = 500)
  void noWrittenRowHasAnEmptySetOrText(@ForAll("leases") Lease lease) {
    LeaseCodec.encode(lease)
        .values()
        .forEach(
            value -> {
              assertThat(value.s()).isNotEqualTo("");
              assertThat(value.hasSs() && value.ss().isEmpty()).isFalse();
            });
  }

  @Property(tries = 1_000)
  void anyItemIsALeaseOrForeignOrRefused(@ForAll("items") Map<String, AttributeValue> item) {
    try {
      LeaseCodec.decode(item);
    } catch (LeaseStoreException e) {
      assertThat(e.reason()).isIn(Reason.MALFORMED_ROW, Reason.UNKNOWN_KCL_MODE);
    }
  }

  @Provide
  Arbitrary<Lease> leases() {
    Arbitrary<Lease.Builder> kcl =
        Combinators.combine(
                checkpoints(),
                texts().injectNull(0.3),
                texts().injectNull(0.3),
                Arbitraries.longs().greaterOrEqual(0),
                Arbitraries.longs().between(0, 1_000),
                pending().injectNull(0.5),
                shardIds(),
                ranges().injectNull(0.3))
            .as(
                (checkpoint, owner, checkpointOwner, counter, switches, pending, shards, range) ->
                    Lease.builder(LeaseKey.of("shardId-1"), checkpoint)
                        .owner(owner)
                        .checkpointOwner(checkpointOwner)
                        .counter(counter)
                        .ownerSwitchesSinceCheckpoint(switches)
                        .pending(pending)
                        .parents(shards.stream().limit(2).collect(Collectors.toSet()))
                        .children(shards.stream().skip(2).collect(Collectors.toSet()))
                        .hashRange(range));
    Arbitrary<Instant> instants =
        Arbitraries.longs().between(0, 4_102_444_800_000L).map(Instant::ofEpochMilli);
    Arbitrary<WriteId> ids =
        Combinators.combine(texts(), Arbitraries.longs().greaterOrEqual(0)).as(WriteId::new);
    return Combinators.combine(
            kcl,
            Arbitraries.longs().between(0, Long.MAX_VALUE),
            Arbitraries.longs().between(0, Long.MAX_VALUE),
            ids.injectNull(0.3),
            ids.injectNull(0.3),
            instants.injectNull(0.3),
            instants.injectNull(0.3),
            Combinators.combine(texts(), instants).as(StreamIdentity::new).injectNull(0.3))
        .as(
            (builder, epoch, claimEpoch, id, claimId, start, arrival, stream) ->
                builder
                    .ownerEpoch(epoch)
                    .claimEpoch(claimEpoch)
                    .writeId(id)
                    .claimId(claimId)
                    .startTimestamp(start)
                    .lastArrival(arrival)
                    .stream(stream)
                    .build());
  }

  @Provide
  Arbitrary<Map<String, AttributeValue>> items() {
    Arbitrary<AttributeValue> values =
        Arbitraries.oneOf(
            Arbitraries.strings().ofMaxLength(20).map(AttributeValue::fromS),
            Arbitraries.strings().numeric().ofMaxLength(20).map(AttributeValue::fromN),
            Arbitraries.of("TRIM_HORIZON", "LEASE", "0/1", "a@1").map(AttributeValue::fromS),
            Arbitraries.strings().list().ofMaxSize(3).map(AttributeValue::fromSs),
            Arbitraries.of(true, false).map(AttributeValue::fromBool),
            Arbitraries.just(AttributeValue.fromNul(true)),
            Arbitraries.just(AttributeValue.fromB(SdkBytes.fromUtf8String("b"))));
    Arbitrary<String> names =
        Arbitraries.of(LeaseCodec.encode(LeaseCodecTest.everything()).keySet());
    return Arbitraries.maps(names, values)
        .ofMaxSize(12)
        .map(
            changed -> {
              Map<String, AttributeValue> row = new HashMap<>(LeaseCodecTest.kclRow());
              row.putAll(changed);
              return row;
            });
  }

  private static Arbitrary<Checkpoint> checkpoints() {
    Arbitrary<Checkpoint> positions =
        Combinators.combine(
                Arbitraries.strings().numeric().ofMinLength(1).ofMaxLength(60),
                Arbitraries.longs().greaterOrEqual(0))
            .as(LeaseCodecTest::at);
    return Arbitraries.oneOf(positions, Arbitraries.of(Sentinel.class).map(value -> value));
  }

  private static Arbitrary<PendingCheckpoint> pending() {
    return Combinators.combine(checkpoints(), Arbitraries.bytes().array(byte[].class).ofMaxSize(50))
        .as(PendingCheckpoint::new);
  }

  private static Arbitrary<List<ShardId>> shardIds() {
    return texts().map(ShardId::new).list().uniqueElements().ofMaxSize(4);
  }

  private static Arbitrary<HashRange> ranges() {
    Arbitrary<HashKey> keys =
        Combinators.combine(Arbitraries.longs(), Arbitraries.longs()).as(HashKey::new);
    return Combinators.combine(keys, keys)
        .as((a, b) -> a.compareTo(b) <= 0 ? new HashRange(a, b) : new HashRange(b, a));
  }

  private static Arbitrary<String> texts() {
    return Arbitraries.strings().withCharRange('a', 'z').ofMinLength(1).ofMaxLength(30);
  }
}
