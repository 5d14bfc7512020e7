package io.millrace.aggregation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.aggregation.AggregateEncoder.AddResult;
import io.millrace.aggregation.reference.Record;
import io.millrace.model.HashKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What goes in comes out: through our decoder, and through the generated messages. */
class RoundTripTest {
  record Put(
      String partitionKey, Optional<HashKey> explicitHashKey, ByteBuffer data, Headers headers) {}

  @Property(tries = 300)
  void ourDecoderReadsWhatOurEncoderWrote(
      @ForAll("puts") List<Put> puts, @ForAll @IntRange(min = 64, max = 400) int chunkBytes) {
    AggregatedRecord aggregate = Aggregates.readable(encode(puts, chunkBytes));
    assertThat(aggregate.memberCount()).isEqualTo(puts.size());
    int index = 0;
    for (AggregatedMember member : aggregate) {
      Put put = puts.get(index);
      assertThat(member.subSequenceNumber()).isEqualTo(index++);
      assertThat(member.partitionKey()).isEqualTo(put.partitionKey);
      assertThat(member.explicitHashKey()).isEqualTo(put.explicitHashKey);
      assertThat(member.hashKey())
          .isEqualTo(put.explicitHashKey.orElseGet(() -> HashKey.ofPartitionKey(put.partitionKey)));
      assertThat(member.data()).isEqualTo(put.data);
      assertThat(member.dataBytes()).isEqualTo(put.data.remaining());
      assertThat(member.headers()).isEqualTo(put.headers);
    }
  }

  @Property(tries = 300)
  void theBytesAreThoseOfTheGeneratedMessages(
      @ForAll("puts") List<Put> puts, @ForAll @IntRange(min = 64, max = 400) int chunkBytes)
      throws Exception {
    byte[] aggregate = encode(puts, chunkBytes);
    var message = Aggregates.parse(aggregate);
    assertThat(Aggregates.frame(message)).isEqualTo(aggregate);
    assertThat(message.getPartitionKeyTableList()).doesNotHaveDuplicates();
    assertThat(message.getExplicitHashKeyTableList()).doesNotHaveDuplicates();
    Set<String> keysInOrder = new LinkedHashSet<>();
    for (int i = 0; i < puts.size(); i++) {
      Put put = puts.get(i);
      Record record = message.getRecords(i);
      keysInOrder.add(put.partitionKey);
      assertThat(message.getPartitionKeyTable((int) record.getPartitionKeyIndex()))
          .isEqualTo(put.partitionKey);
      assertThat(record.hasExplicitHashKeyIndex()).isEqualTo(put.explicitHashKey.isPresent());
      put.explicitHashKey.ifPresent(
          key ->
              assertThat(message.getExplicitHashKeyTable((int) record.getExplicitHashKeyIndex()))
                  .isEqualTo(key.toString()));
      assertThat(record.getData().asReadOnlyByteBuffer()).isEqualTo(put.data);
    }
    assertThat(message.getPartitionKeyTableList()).containsExactlyElementsOf(keysInOrder);
  }

  @Property(tries = 200)
  void aRestartAtAnySubSequenceNumberGivesExactlyTheRest(
      @ForAll("puts") List<Put> puts, @ForAll @IntRange(max = 60) int from) {
    AggregatedRecord aggregate = Aggregates.readable(encode(puts, 64));
    List<Integer> rest = new ArrayList<>();
    aggregate.iteratorFrom(from).forEachRemaining(m -> rest.add(m.subSequenceNumber()));
    List<Integer> expected =
        aggregate.stream().map(AggregatedMember::subSequenceNumber).filter(n -> n >= from).toList();
    assertThat(rest).isEqualTo(expected);
  }

  /** Checks every predicted size on the way. */
  private static byte[] encode(List<Put> puts, int chunkBytes) {
    AggregateEncoder encoder = new AggregateEncoder(1 << 24, ChunkPool.unpooled(chunkBytes));
    for (Put put : puts) {
      HashKey hashKey = put.explicitHashKey.orElse(null);
      long predicted =
          encoder.sizeBytesWith(put.partitionKey, hashKey, put.data.remaining(), put.headers);
      if (encoder.memberCount() == 0) {
        assertThat(
                AggregateEncoder.sizeBytesAlone(
                    put.partitionKey, hashKey, put.data.remaining(), put.headers))
            .isEqualTo(predicted);
      }
      assertThat(encoder.tryAdd(put.partitionKey, hashKey, put.data, put.headers))
          .isEqualTo(AddResult.ADDED);
      assertThat(encoder.sizeBytes()).isEqualTo(predicted);
    }
    long size = encoder.sizeBytes();
    byte[] aggregate = encoder.finish();
    assertThat(aggregate).hasSize((int) size);
    return aggregate;
  }

  @Provide
  Arbitrary<List<Put>> puts() {
    Arbitrary<String> fewKeys = Arbitraries.of("a", "b", "é", "水", "\uD83C\uDF0A", "");
    Arbitrary<String> anyKey =
        Arbitraries.strings()
            .ofMaxLength(256)
            .filter(text -> StandardCharsets.UTF_8.newEncoder().canEncode(text));
    Arbitrary<HashKey> hashKey =
        Arbitraries.oneOf(
            Arbitraries.of(HashKey.MIN, HashKey.MAX, new HashKey(0, 42)),
            Arbitraries.longs().tuple2().map(pair -> new HashKey(pair.get1(), pair.get2())));
    Arbitrary<ByteBuffer> data =
        Arbitraries.bytes().array(byte[].class).ofMaxSize(300).map(ByteBuffer::wrap);
    Arbitrary<Put> put =
        Combinators.combine(
                Arbitraries.oneOf(fewKeys, anyKey), hashKey.optional(0.3), data, headers())
            .as(Put::new);
    return put.list().ofMinSize(1).ofMaxSize(60);
  }

  private static Arbitrary<Headers> headers() {
    Arbitrary<Headers> some =
        Combinators.combine(
                Arbitraries.of("traceparent", "schema-id", "é"),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(40))
            .as((name, value) -> Headers.builder().add(name, value).add(name, "text").build());
    return some.optional(0.2).map(maybe -> maybe.orElse(Headers.NONE));
  }
}
