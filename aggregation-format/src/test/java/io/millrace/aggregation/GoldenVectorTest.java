package io.millrace.aggregation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.model.HashKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that the KPL 1.1.1 and the Java aggregation library 1.0.3 wrote, both ways. */
class GoldenVectorTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "kpl/few-keys",
        "kpl/non-ascii-keys",
        "kpl/explicit-hash-keys",
        "kpl/hash-keys-with-zeros",
        "kpl/hash-keys-with-blanks",
        "kpl/two-byte-indexes",
        "kpl/length-boundaries"
      })
  void whatTheKplAggregatedIsReadAsItWasPut(String name) {
    GoldenVector vector = GoldenVector.load(name);
    List<AggregatedMember> members = members(vector);
    // The KPL sorts members by deadline with an unstable sort: only the set of them is determined.
    assertThat(described(members)).containsExactlyInAnyOrderElementsOf(describedPuts(vector));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kpl/few-keys",
        "kpl/non-ascii-keys",
        "kpl/explicit-hash-keys",
        "kpl/hash-keys-with-zeros",
        "kpl/hash-keys-with-blanks",
        "kpl/two-byte-indexes",
        "kpl/length-boundaries"
      })
  void theSameRecordsInTheKplsOrderGiveTheKplsBytes(String name) {
    GoldenVector vector = GoldenVector.load(name);
    assertThat(vector.stored()).hasSize(1);
    assertThat(reencoded(members(vector))).isEqualTo(vector.stored().get(0).data().array());
  }

  @Test
  void theKplsLoneRecordIsPlain() {
    GoldenVector vector = GoldenVector.load("kpl/one-record");
    GoldenVector.Stored stored = vector.stored().get(0);
    DecodedRecord decoded = AggregateDecoder.decode(stored.data());
    assertThat(decoded).isInstanceOf(DecodedRecord.Plain.class);
    assertThat(decoded.data()).isEqualTo(vector.puts().get(0).data());
    assertThat(stored.partitionKey()).isEqualTo(vector.puts().get(0).partitionKey());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aggregator/few-keys",
        "aggregator/one-record",
        "aggregator/non-ascii-keys",
        "aggregator/explicit-hash-keys",
        "aggregator/hash-keys-with-zeros",
        "aggregator/two-byte-indexes",
        "aggregator/length-boundaries"
      })
  void whatTheAggregationLibraryPackedIsReadAsItWasPut(String name) {
    GoldenVector vector = GoldenVector.load(name);
    assertThat(described(members(vector))).containsExactlyElementsOf(describedPutsWithHash(vector));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aggregator/few-keys",
        "aggregator/one-record",
        "aggregator/non-ascii-keys",
        "aggregator/explicit-hash-keys",
        "aggregator/two-byte-indexes",
        "aggregator/length-boundaries"
      })
  void theSameRecordsGiveTheAggregationLibrarysBytes(String name) {
    GoldenVector vector = GoldenVector.load(name);
    assertThat(reencoded(members(vector))).isEqualTo(vector.stored().get(0).data().array());
  }

  @Test
  void theAggregationLibraryKeepsLeadingZerosWhichWeWriteCanonically() throws Exception {
    GoldenVector vector = GoldenVector.load("aggregator/hash-keys-with-zeros");
    byte[] theirs = vector.stored().get(0).data().array();
    byte[] ours = reencoded(members(vector));
    assertThat(Aggregates.parse(theirs).getExplicitHashKeyTableList())
        .containsExactly("007", "+8", "7");
    assertThat(Aggregates.parse(ours).getExplicitHashKeyTableList()).containsExactly("7", "8");
    assertThat(described(Aggregates.readable(ours).stream().toList()))
        .isEqualTo(described(members(vector)));
  }

  private static List<AggregatedMember> members(GoldenVector vector) {
    List<AggregatedMember> members = new ArrayList<>();
    for (GoldenVector.Stored stored : vector.stored()) {
      Aggregates.readable(stored.data().array()).forEach(members::add);
    }
    return members;
  }

  private static byte[] reencoded(List<AggregatedMember> members) {
    AggregateEncoder encoder = new AggregateEncoder(1 << 20, ChunkPool.unpooled(64));
    for (AggregatedMember member : members) {
      encoder.tryAdd(
          member.partitionKey(),
          member.explicitHashKey().orElse(null),
          member.data(),
          Headers.NONE);
    }
    return encoder.finish();
  }

  private static List<Tuple> described(List<AggregatedMember> members) {
    return members.stream()
        .map(member -> tuple(member.partitionKey(), member.explicitHashKey(), member.data()))
        .toList();
  }

  private static List<Tuple> describedPuts(GoldenVector vector) {
    return vector.puts().stream()
        .map(
            put -> tuple(put.partitionKey(), put.explicitHashKey().map(HashKey::parse), put.data()))
        .toList();
  }

  /** The aggregation library makes every hash key explicit. */
  private static List<Tuple> describedPutsWithHash(GoldenVector vector) {
    return vector.puts().stream()
        .map(
            put ->
                tuple(
                    put.partitionKey(),
                    Optional.of(
                        put.explicitHashKey()
                            .map(HashKey::parse)
                            .orElseGet(() -> HashKey.ofPartitionKey(put.partitionKey()))),
                    put.data()))
        .toList();
  }
}
