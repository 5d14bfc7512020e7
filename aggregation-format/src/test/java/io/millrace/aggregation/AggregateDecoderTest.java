package io.millrace.aggregation;

import static io.millrace.aggregation.Aggregates.body;
import static io.millrace.aggregation.Aggregates.bytes;
import static io.millrace.aggregation.Aggregates.frame;
import static io.millrace.aggregation.Aggregates.readable;
import static io.millrace.aggregation.Aggregates.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.millrace.aggregation.DecodedRecord.Corrupt;
import io.millrace.aggregation.DecodedRecord.CorruptReason;
import io.millrace.aggregation.DecodedRecord.Plain;
import io.millrace.aggregation.reference.Record;
import io.millrace.aggregation.reference.Tag;
import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every case of docs/aggregated-record-format.md, "What the decoder makes of it". */
class AggregateDecoderTest {
  private static final byte[] TWO_RECORDS =
      frame(body("a", "b").addRecords(record(0, "hello")).addRecords(record(1, "world")).build());

  @Nested
  class PlainRecords {
    @Test
    void noBytesArePlain() {
      assertPlain(new byte[0]);
    }

    @Test
    void bytesWithoutTheMagicNumberArePlain() {
      assertPlain(bytes("{\"event\":\"click\",\"and\":\"longer than the frame\"}"));
    }

    @Test
    void everyPrefixOfAnAggregateIsPlain() {
      for (int length = 0; length < TWO_RECORDS.length; length++) {
        assertPlain(Arrays.copyOf(TWO_RECORDS, length));
      }
    }

    @Test
    void anEmptyBodyIsPlain() {
      byte[] empty = frame(new byte[0]);
      assertThat(empty).hasSize(20);
      assertPlain(empty);
    }

    @Test
    void anyChangedByteMakesAnAggregatePlain() {
      for (int i = 0; i < TWO_RECORDS.length; i++) {
        byte[] changed = TWO_RECORDS.clone();
        changed[i] ^= 0x10;
        assertPlain(changed);
      }
    }

    @Test
    void aLonePayloadWithTheMagicNumberIsPlainUnlessItsChecksumFitsToo() {
      byte[] payload = ByteBuffer.allocate(64).putInt(0xF3899AC2).array();
      assertPlain(payload);
      assertThat(AggregateDecoder.isAggregated(ByteBuffer.wrap(payload))).isFalse();
      assertThat(AggregateDecoder.isAggregated(ByteBuffer.wrap(TWO_RECORDS))).isTrue();
      assertThat(AggregateDecoder.isAggregated(ByteBuffer.wrap(bytes("short")))).isFalse();
    }

    @Test
    void aPayloadThatIsItselfAnAggregateSurvivesInAnAggregateOfOne() {
      AggregateEncoder encoder = new AggregateEncoder(1024);
      encoder.tryAdd("outer", null, TWO_RECORDS, Headers.NONE);
      AggregatedMember member = readable(encoder.finish()).iterator().next();
      assertThat(member.partitionKey()).isEqualTo("outer");
      assertThat(member.data()).isEqualTo(ByteBuffer.wrap(TWO_RECORDS));
    }
  }

  @Nested
  class CorruptAggregates {
    @Test
    void everyTruncatedBodyIsMalformedOrHasFewerRecordsButNeverAnError() throws IOException {
      byte[] whole = Arrays.copyOfRange(TWO_RECORDS, 4, TWO_RECORDS.length - 16);
      for (int length = 1; length < whole.length; length++) {
        byte[] truncated = frame(Arrays.copyOf(whole, length));
        boolean betweenFields = length == 3 || length == 6 || length == 17;
        if (betweenFields) {
          assertThat(readable(truncated).memberCount())
              .isEqualTo(Aggregates.parse(truncated).getRecordsCount());
        } else {
          assertCorrupt(truncated, CorruptReason.MALFORMED_BODY);
        }
      }
    }

    @Test
    void aPartitionKeyIndexBehindTheTableIsCorruptAndSaysWhere() {
      byte[] aggregate =
          frame(body("a").addRecords(record(0, "x")).addRecords(record(1, "y")).build());
      Corrupt corrupt = assertCorrupt(aggregate, CorruptReason.PARTITION_KEY_INDEX_OUT_OF_RANGE);
      assertThat(corrupt.offset()).isEqualTo(4 + 3 + 7);
      assertThat(corrupt.data()).isEqualTo(ByteBuffer.wrap(aggregate));
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 31, 1L << 32, -1L, Long.MIN_VALUE, Long.MAX_VALUE})
    void indexesThatAnIntCannotHoldAreOutOfRangeToo(long index) {
      assertCorrupt(
          frame(body("a").addRecords(record(index, "x")).build()),
          CorruptReason.PARTITION_KEY_INDEX_OUT_OF_RANGE);
      assertCorrupt(
          frame(body("a").addExplicitHashKeyTable("1").addRecords(record(0, index, "x")).build()),
          CorruptReason.EXPLICIT_HASH_KEY_INDEX_OUT_OF_RANGE);
    }

    @Test
    void anExplicitHashKeyIndexBehindTheTableIsCorrupt() {
      assertCorrupt(
          frame(body("a").addRecords(record(0, 0, "x")).build()),
          CorruptReason.EXPLICIT_HASH_KEY_INDEX_OUT_OF_RANGE);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"", "abc", "-1", "1.5", "0x1", "340282366920938463463374607431768211456", "++1"})
    void anExplicitHashKeyInUseThatIsNoHashKeyIsCorrupt(String text) {
      byte[] aggregate =
          frame(
              body("a")
                  .addExplicitHashKeyTable("1")
                  .addExplicitHashKeyTable(text)
                  .addRecords(record(0, 0, "x"))
                  .addRecords(record(0, 1, "y"))
                  .build());
      Corrupt corrupt = assertCorrupt(aggregate, CorruptReason.EXPLICIT_HASH_KEY_INVALID);
      assertThat(corrupt.offset()).isEqualTo(4 + 3 + 3 + 1);
    }

    @Test
    void aRecordWithoutARequiredFieldIsMalformed() {
      for (String record : List.of("1A 00", "1A 02 08 00", "1A 02 1A 00", "1A 02 10 00")) {
        assertCorrupt(frame(hex("0A 01 61 12 01 31" + record)), CorruptReason.MALFORMED_BODY);
      }
      assertCorrupt(
          frame(hex("0A 01 61 1A 08 08 00 1A 00 22 02 12 00")), CorruptReason.MALFORMED_BODY);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "00", // field number 0
          "0A", // no length
          "0A 05 61", // length beyond the end
          "0A FF FF FF FF 0F", // negative length
          "0A FF FF FF FF 07", // length of 2 GiB
          "0A FF FF FF FF FF FF FF FF FF FF 01", // length that never ends
          "0E 01", // wire type 6
          "0F 01", // wire type 7
          "0C", // end of a group that never began
          "23", // group without an end
          "23 2C", // group that ends as another
          "21 00 00", // fixed64 too short
          "25 00", // fixed32 too short
          "1A 05 08 00 1A 05 61", // data beyond the record
          "1A 05 08 00 1A 01 61 62", // record beyond its fields
          "1A 04 08 00 1A FF" // length cut off by the end of the record
        })
    void whatTheGeneratedParserRefusesIsMalformed(String body) {
      byte[] aggregate = frame(hex("0A 01 61" + body));
      assertThatThrownBy(() -> Aggregates.parse(aggregate))
          .isInstanceOf(InvalidProtocolBufferException.class);
      assertCorrupt(aggregate, CorruptReason.MALFORMED_BODY);
    }

    @Test
    void groupsNestedWithoutEndAreMalformedAndNoStackOverflow() {
      byte[] groups = new byte[1 << 20];
      Arrays.fill(groups, (byte) 0x23);
      assertCorrupt(frame(groups), CorruptReason.MALFORMED_BODY);
    }

    @Test
    void groupsMayBeNestedAsDeepAsTheGeneratedParserFollowsThem() {
      byte[] record = hex("0A 01 61 1A 05 08 00 1A 01 78");
      for (int depth = 95; depth <= 105; depth++) {
        byte[] groups = nestedGroups(depth);
        assertSameVerdict(frame(join(record, groups)));
        byte[] inRecord = join(hex("08 00 1A 00"), groups);
        byte[] length = {(byte) (inRecord.length | 0x80), (byte) (inRecord.length >>> 7)};
        assertSameVerdict(frame(join(join(hex("0A 01 61 1A"), length), inRecord)));
      }
    }

    private void assertSameVerdict(byte[] aggregate) {
      boolean parses;
      try {
        parses = Aggregates.parse(aggregate).isInitialized();
      } catch (InvalidProtocolBufferException e) {
        parses = false;
      }
      assertThat(AggregateDecoder.decode(aggregate) instanceof AggregatedRecord).isEqualTo(parses);
    }

    private static byte[] nestedGroups(int depth) {
      byte[] groups = new byte[2 * depth];
      Arrays.fill(groups, 0, depth, (byte) 0x2B);
      Arrays.fill(groups, depth, 2 * depth, (byte) 0x2C);
      return groups;
    }

    private static byte[] join(byte[] first, byte[] second) {
      return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
    }

    @Test
    void anExplicitHashKeyWithMoreLeadingZerosThanAnyWriterMakesIsCorrupt() {
      String longest = "0".repeat(255) + "7";
      assertThat(readable(withHashKey(longest)).iterator().next().hashKey())
          .isEqualTo(new HashKey(0, 7));
      assertCorrupt(withHashKey("0" + longest), CorruptReason.EXPLICIT_HASH_KEY_INVALID);
    }

    private static byte[] withHashKey(String text) {
      return frame(body("a").addExplicitHashKeyTable(text).addRecords(record(0, 0, "x")).build());
    }

    @Test
    void aTableOfCountlessTinyKeysThatNobodyUsesIsRefused() {
      byte[] bomb = new byte[1 << 20];
      for (int i = 0; i < bomb.length; i += 2) {
        bomb[i] = 0x0A;
      }
      assertCorrupt(frame(bomb), CorruptReason.KEY_TABLE_TOO_LARGE);
      for (int i = 0; i < bomb.length; i += 2) {
        bomb[i] = 0x12;
      }
      assertCorrupt(frame(bomb), CorruptReason.KEY_TABLE_TOO_LARGE);
    }
  }

  @Nested
  class OddButReadableAggregates {
    @Test
    void aBodyWithoutRecordsHasNoMembers() {
      AggregatedRecord aggregate = readable(frame(body("a", "b").build()));
      assertThat(aggregate.memberCount()).isZero();
      assertThat(aggregate).isEmpty();
      assertThat(aggregate.isWithin(new HashRange(HashKey.MIN, HashKey.MIN))).isTrue();
    }

    @Test
    void anAbsentExplicitHashKeyStaysAbsentNextToAFilledTable() {
      AggregatedRecord aggregate =
          readable(
              frame(
                  body("a")
                      .addExplicitHashKeyTable("42")
                      .addRecords(record(0, "none"))
                      .addRecords(record(0, 0, "some"))
                      .addRecords(record(0, "none again"))
                      .build()));
      assertThat(aggregate.stream().map(m -> m.explicitHashKey().map(HashKey::toString).orElse("")))
          .containsExactly("", "42", "");
      assertThat(aggregate.iterator().next().hashKey()).isEqualTo(HashKey.ofPartitionKey("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"+07", "007", " 7 ", "7"})
    void anExplicitHashKeyNeedNotBeCanonical(String text) {
      AggregatedRecord aggregate =
          readable(
              frame(body("a").addExplicitHashKeyTable(text).addRecords(record(0, 0, "x")).build()));
      assertThat(aggregate.iterator().next().hashKey()).isEqualTo(new HashKey(0, 7));
    }

    @Test
    void aBadExplicitHashKeyThatNoRecordUsesIsIgnored() {
      AggregatedRecord aggregate =
          readable(
              frame(
                  body("a")
                      .addExplicitHashKeyTable("no number")
                      .addExplicitHashKeyTable("1")
                      .addRecords(record(0, 1, "x"))
                      .build()));
      assertThat(aggregate.iterator().next().hashKey()).isEqualTo(new HashKey(0, 1));
    }

    @Test
    void tagsAndUnknownFieldsAreSkippedAtEveryLevel() {
      UnknownFieldSet unknown =
          UnknownFieldSet.newBuilder()
              .addField(
                  100,
                  UnknownFieldSet.Field.newBuilder()
                      .addVarint(-1)
                      .addFixed32(1)
                      .addFixed64(2)
                      .addLengthDelimited(ByteString.copyFromUtf8("unknown"))
                      .addGroup(
                          UnknownFieldSet.newBuilder()
                              .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(3).build())
                              .build())
                      .build())
              .build();
      Record withUnknown =
          record(0, "x").toBuilder()
              .addTags(Tag.newBuilder().setKey("k").setValue("v").setUnknownFields(unknown))
              .setUnknownFields(unknown)
              .build();
      AggregatedRecord aggregate =
          readable(frame(body("a").addRecords(withUnknown).setUnknownFields(unknown).build()));
      AggregatedMember member = aggregate.iterator().next();
      assertThat(Aggregates.text(member.data())).isEqualTo("x");
      assertThat(member.headers().text("k")).contains("v");
    }

    @Test
    void tablesMayStandBehindTheRecordsThatUseThem() {
      AggregatedRecord aggregate =
          readable(frame(hex("1A 07 08 01 10 00 1A 01 78 0A 01 61 12 01 35 0A 01 62")));
      AggregatedMember member = aggregate.iterator().next();
      assertThat(member.partitionKey()).isEqualTo("b");
      assertThat(member.hashKey()).isEqualTo(new HashKey(0, 5));
      assertThat(Aggregates.text(member.data())).isEqualTo("x");
    }

    @Test
    void theLastOfRepeatedSingularFieldsCounts() throws IOException {
      byte[] aggregate =
          frame(hex("0A 01 61 0A 01 62 12 01 35 1A 0D 08 01 1A 01 78 08 00 1A 02 79 7A 10 00"));
      AggregatedMember member = readable(aggregate).iterator().next();
      Record reference = Aggregates.parse(aggregate).getRecords(0);
      assertThat(reference.getPartitionKeyIndex()).isZero();
      assertThat(member.partitionKey()).isEqualTo("a");
      assertThat(Aggregates.text(member.data())).isEqualTo(reference.getData().toStringUtf8());
    }

    @Test
    void varintsNeedNotBeMinimal() throws IOException {
      byte[] aggregate = frame(hex("0A 81 80 80 00 61 1A 89 80 00 08 80 00 1A 82 80 00 78 79"));
      AggregatedMember member = readable(aggregate).iterator().next();
      assertThat(Aggregates.parse(aggregate).getRecords(0).getData().toStringUtf8())
          .isEqualTo("xy");
      assertThat(member.partitionKey()).isEqualTo("a");
      assertThat(Aggregates.text(member.data())).isEqualTo("xy");
      assertThat(member.hashKey()).isEqualTo(HashKey.ofPartitionKey("a"));
    }

    @Test
    void aPartitionKeyWithMalformedUtf8IsReadLikeTheGeneratedMessagesDo() throws IOException {
      byte[] aggregate = frame(hex("0A 03 61 C3 FF 1A 05 08 00 1A 01 78"));
      String expected = Aggregates.parse(aggregate).getPartitionKeyTable(0);
      AggregatedMember member = readable(aggregate).iterator().next();
      assertThat(member.partitionKey()).isEqualTo(expected);
      assertThat(member.hashKey()).isEqualTo(HashKey.ofPartitionKey(expected));
    }

    @Test
    void aSmallRecordMayCarryASparselyUsedTable() {
      var body = body();
      IntStream.range(0, 500).forEach(i -> body.addPartitionKeyTable(""));
      body.addPartitionKeyTable("last").addRecords(record(500, ""));
      assertThat(readable(frame(body.build())).iterator().next().partitionKey()).isEqualTo("last");
    }

    @Test
    void theShortestRecordsThatUseEveryEntryAreNoBomb() {
      var body = body();
      for (int i = 0; i < 20_000; i++) {
        body.addPartitionKeyTable("").addRecords(record(i, ""));
      }
      assertThat(readable(frame(body.build())).memberCount()).isEqualTo(20_000);
    }
  }

  @Nested
  class Ranges {
    private final HashKey a = HashKey.ofPartitionKey("a");
    private final HashKey b = HashKey.ofPartitionKey("b");
    private final AggregatedRecord aggregate = readable(TWO_RECORDS);

    @Test
    void membersExactlyOnStartAndEndAreWithin() {
      assertThat(aggregate.isWithin(new HashRange(a, b))).isTrue();
      assertThat(aggregate.isWithin(HashRange.FULL)).isTrue();
    }

    @Test
    void oneMemberOutsidePutsTheWholeAggregateOutside() {
      assertThat(aggregate.isWithin(new HashRange(a.next(), b))).isFalse();
      assertThat(aggregate.isWithin(new HashRange(a, b.previous()))).isFalse();
    }

    @Test
    void anAggregateAcrossASplitPointIsWithinNeitherChild() {
      for (HashRange child : HashRange.FULL.splitAt(b)) {
        assertThat(aggregate.isWithin(child)).isFalse();
      }
      assertThat(aggregate.isWithin(new HashRange(HashKey.MIN, b))).isTrue();
    }

    @Test
    void theExplicitHashKeyDecidesNotTheKeyOfTheSameIndex() {
      byte[] mixed =
          frame(
              body("a")
                  .addExplicitHashKeyTable("10")
                  .addRecords(record(0, 0, "x"))
                  .addRecords(record(0, 0, "y"))
                  .build());
      assertThat(readable(mixed).isWithin(new HashRange(HashKey.MIN, new HashKey(0, 10)))).isTrue();
      assertThat(readable(mixed).isWithin(new HashRange(HashKey.MIN, new HashKey(0, 9)))).isFalse();
    }

    @Test
    void aKeyThatIsInsideDoesNotVouchForAnExplicitHashKeyOfTheSameIndex() {
      byte[] mixed =
          frame(
              body("a")
                  .addExplicitHashKeyTable("10")
                  .addRecords(record(0, "inside by its key"))
                  .addRecords(record(0, 0, "outside by its explicit hash key"))
                  .build());
      assertThat(readable(mixed).isWithin(new HashRange(a, a))).isFalse();
    }
  }

  @Nested
  class Access {
    @Test
    void decodingCopiesNothingFromAnArray() {
      byte[] backing = new byte[TWO_RECORDS.length + 9];
      System.arraycopy(TWO_RECORDS, 0, backing, 5, TWO_RECORDS.length);
      ByteBuffer window = ByteBuffer.wrap(backing, 5, TWO_RECORDS.length);
      DecodedRecord decoded = AggregateDecoder.decode(window.slice());
      ByteBuffer data = ((AggregatedRecord) decoded).iterator().next().data();
      assertThat(Aggregates.text(data)).isEqualTo("hello");
      int index = new String(backing, StandardCharsets.ISO_8859_1).indexOf("hello");
      backing[index] = 'J';
      assertThat(Aggregates.text(data)).isEqualTo("Jello");
      assertThat(window.position()).isEqualTo(5);
    }

    @Test
    void everyKindOfBufferIsRead() {
      ByteBuffer direct = ByteBuffer.allocateDirect(TWO_RECORDS.length).put(TWO_RECORDS).flip();
      for (ByteBuffer kind :
          List.of(
              direct, direct.asReadOnlyBuffer(), ByteBuffer.wrap(TWO_RECORDS).asReadOnlyBuffer())) {
        AggregatedRecord aggregate = (AggregatedRecord) AggregateDecoder.decode(kind);
        assertThat(aggregate.stream().map(m -> Aggregates.text(m.data())))
            .containsExactly("hello", "world");
        assertThat(aggregate.data()).isEqualTo(ByteBuffer.wrap(TWO_RECORDS));
        assertThat(kind.position()).isZero();
      }
    }

    @Test
    void slicesAreReadOnlyAndIndependent() {
      AggregatedMember member = readable(TWO_RECORDS).iterator().next();
      ByteBuffer data = member.data();
      assertThat(data.isReadOnly()).isTrue();
      assertThatThrownBy(() -> data.put((byte) 0)).isInstanceOf(ReadOnlyBufferException.class);
      assertThat(data.get()).isEqualTo((byte) 'h');
      assertThat(Aggregates.text(member.data())).isEqualTo("hello");
      DecodedRecord plain = AggregateDecoder.decode(bytes("plain"));
      assertThat(plain.data().get()).isEqualTo((byte) 'p');
      assertThat(Aggregates.text(plain.data())).isEqualTo("plain");
      assertThat(plain.data().isReadOnly()).isTrue();
    }

    @Test
    void aKeyThatManyMembersShareIsDecodedAndHashedOnce() {
      byte[] shared =
          frame(body("key").addRecords(record(0, "x")).addRecords(record(0, "y")).build());
      List<AggregatedMember> members = readable(shared).stream().toList();
      assertThat(members.get(1).partitionKey()).isSameAs(members.get(0).partitionKey());
      assertThat(members.get(1).hashKey()).isSameAs(members.get(0).hashKey());
    }

    @Test
    void anAggregateCanBeIteratedAgainAndEndsProperly() {
      AggregatedRecord aggregate = readable(TWO_RECORDS);
      assertThat(aggregate).hasSize(2);
      assertThat(aggregate).hasSize(2);
      Iterator<AggregatedMember> iterator = aggregate.iteratorFrom(1);
      assertThat(iterator.next().partitionKey()).isEqualTo("b");
      assertThat(iterator.hasNext()).isFalse();
      assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
      assertThat(aggregate.iteratorFrom(2).hasNext()).isFalse();
      assertThat(aggregate.iteratorFrom(Long.MAX_VALUE).hasNext()).isFalse();
      assertThatThrownBy(() -> aggregate.iteratorFrom(-1)).hasMessageContaining("-1");
    }

    @Test
    void theResultMatchesExactlyOneCase() {
      byte[] corrupt = frame(body("a").addRecords(record(1, "x")).build());
      assertThat(kind(bytes("plain"))).isEqualTo("plain");
      assertThat(kind(TWO_RECORDS)).isEqualTo("2 members");
      assertThat(kind(corrupt)).isEqualTo("PARTITION_KEY_INDEX_OUT_OF_RANGE");
    }

    @Test
    void textHoldsNoContent() {
      byte[] aggregate = frame(body("secret").addRecords(record(0, "secret")).build());
      byte[] corrupt = frame(body("secret").addRecords(record(1, "secret")).build());
      assertThat(
              AggregateDecoder.decode(bytes("secret")).toString()
                  + AggregateDecoder.decode(corrupt)
                  + readable(aggregate)
                  + readable(aggregate).iterator().next())
          .doesNotContain("secret");
    }

    private static String kind(byte[] data) {
      return AggregateDecoder.decode(data)
          .match(
              plain -> "plain",
              aggregated -> aggregated.memberCount() + " members",
              corrupt -> corrupt.reason().name());
    }
  }

  private static void assertPlain(byte[] data) {
    DecodedRecord decoded = AggregateDecoder.decode(data);
    assertThat(decoded).isInstanceOf(Plain.class);
    assertThat(decoded.data()).isEqualTo(ByteBuffer.wrap(data));
  }

  private static Corrupt assertCorrupt(byte[] data, CorruptReason reason) {
    DecodedRecord decoded = AggregateDecoder.decode(data);
    assertThat(decoded).isInstanceOf(Corrupt.class);
    assertThat(((Corrupt) decoded).reason()).isEqualTo(reason);
    return (Corrupt) decoded;
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }
}
