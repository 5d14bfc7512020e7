package io.millrace.aggregation;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.management.ThreadMXBean;
import io.millrace.aggregation.DecodedRecord.Corrupt;
import io.millrace.aggregation.DecodedRecord.CorruptReason;
import io.millrace.aggregation.DecodedRecord.Plain;
import io.millrace.aggregation.reference.Record;
import io.millrace.aggregation.reference.Tag;
import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Feeds the decoder with inputs that are likely to break it, and compares its verdict with one
 * derived from the generated parser. Every input follows from its seed.
 *
 * <p>{@code main} runs for long: from {@code aggregation-format}, after {@code ../mvnw test-compile
 * dependency:build-classpath -Dmdep.outputFile=target/test.classpath},
 *
 * <pre>{@code
 * java -cp target/classes:target/test-classes:$(cat target/test.classpath) \
 *     io.millrace.aggregation.DecoderFuzzer 1 1000000
 * }</pre>
 *
 * <p>takes the first seed and the number of inputs, and stops at the first seed that fails.
 */
final class DecoderFuzzer {
  /** What decoding may allocate apart from what depends on the input: digest, cursor, exception. */
  static final long FIXED_ALLOCATION_BYTES = 16 * 1024;

  private static final byte[] EMPTY = {};
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private DecoderFuzzer() {}

  public static void main(String[] args) {
    long first = Long.parseLong(args[0]);
    long count = Long.parseLong(args[1]);
    int[] kinds = new int[3];
    for (long seed = first; seed < first + count; seed++) {
      kinds[checkSeed(seed)]++;
    }
    System.out.printf("%d plain, %d aggregated, %d corrupt%n", kinds[0], kinds[1], kinds[2]);
  }

  /**
   * Checks the input of one seed.
   *
   * @return 0 if it was plain, 1 aggregated, 2 corrupt
   * @throws AssertionError naming the seed, if the decoder failed
   */
  static int checkSeed(long seed) {
    byte[] input = input(RandomGeneratorFactory.of("L64X128MixRandom").create(seed));
    try {
      return check(input);
    } catch (AssertionError | RuntimeException | StackOverflowError e) {
      byte[] beginning = Arrays.copyOf(input, Math.min(input.length, 200));
      throw new AssertionError(
          "seed %d, %d bytes from %s on"
              .formatted(seed, input.length, HexFormat.of().formatHex(beginning)),
          e);
    }
  }

  private static int check(byte[] input) {
    DecodedRecord decoded = AggregateDecoder.decode(input);
    requireLittleAllocation(input);
    require(decoded.data().equals(ByteBuffer.wrap(input)), "data differ");
    if (!isFramed(input)) {
      require(decoded instanceof Plain, "not framed, but " + decoded);
      return 0;
    }
    io.millrace.aggregation.reference.AggregatedRecord reference;
    try {
      reference = Aggregates.parse(input);
    } catch (InvalidProtocolBufferException e) {
      requireCorrupt(decoded, CorruptReason.MALFORMED_BODY);
      return 2;
    }
    long entries =
        (long) reference.getPartitionKeyTableCount() + reference.getExplicitHashKeyTableCount();
    if (5 * entries > Math.max(input.length, 4096)) {
      requireCorrupt(decoded, CorruptReason.KEY_TABLE_TOO_LARGE);
      return 2;
    }
    Optional<CorruptReason> problem = problemOf(reference);
    if (problem.isPresent()) {
      requireCorrupt(decoded, problem.get());
      return 2;
    }
    compare((AggregatedRecord) decoded, reference);
    return 1;
  }

  /** Measured again when it seems too much: whatever happens only once is not the input's doing. */
  private static void requireLittleAllocation(byte[] input) {
    long allowed = input.length + FIXED_ALLOCATION_BYTES;
    long allocated = Long.MAX_VALUE;
    for (int attempt = 0; attempt < 3 && allocated > allowed; attempt++) {
      allocated = allocatedBy(input);
    }
    require(allocated <= allowed, "allocated " + allocated + " bytes for " + input.length);
  }

  /** What one decoding of the input allocates. */
  static long allocatedBy(byte[] input) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    DecodedRecord decoded = AggregateDecoder.decode(input);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    require(decoded.data().remaining() == input.length, "data differ");
    return allocated;
  }

  private static boolean isFramed(byte[] input) {
    int length = input.length;
    return length > 20
        && ByteBuffer.wrap(input).getInt() == 0xF3899AC2
        && Arrays.equals(
            Aggregates.md5(Arrays.copyOfRange(input, 4, length - 16)),
            Arrays.copyOfRange(input, length - 16, length));
  }

  /** Indexes are looked at record by record, hash keys after all of them. */
  private static Optional<CorruptReason> problemOf(
      io.millrace.aggregation.reference.AggregatedRecord reference) {
    for (Record record : reference.getRecordsList()) {
      if (isBehind(record.getPartitionKeyIndex(), reference.getPartitionKeyTableCount())) {
        return Optional.of(CorruptReason.PARTITION_KEY_INDEX_OUT_OF_RANGE);
      }
      if (record.hasExplicitHashKeyIndex()
          && isBehind(record.getExplicitHashKeyIndex(), reference.getExplicitHashKeyTableCount())) {
        return Optional.of(CorruptReason.EXPLICIT_HASH_KEY_INDEX_OUT_OF_RANGE);
      }
    }
    for (Record record : reference.getRecordsList()) {
      if (record.hasExplicitHashKeyIndex()) {
        try {
          HashKey key = explicitHashKey(reference, record);
          require(key.compareTo(HashKey.MAX) <= 0, "hash key out of range");
        } catch (IllegalArgumentException e) {
          return Optional.of(CorruptReason.EXPLICIT_HASH_KEY_INVALID);
        }
      }
    }
    return Optional.empty();
  }

  private static void compare(
      AggregatedRecord decoded, io.millrace.aggregation.reference.AggregatedRecord reference) {
    require(decoded.memberCount() == reference.getRecordsCount(), "member count differs");
    HashRange half = new HashRange(HashKey.MIN, new HashKey(Long.MAX_VALUE, -1));
    boolean allInHalf = true;
    int index = 0;
    for (AggregatedMember member : decoded) {
      Record record = reference.getRecords(index++);
      String key = reference.getPartitionKeyTable((int) record.getPartitionKeyIndex());
      Optional<HashKey> explicit =
          record.hasExplicitHashKeyIndex()
              ? Optional.of(explicitHashKey(reference, record))
              : Optional.empty();
      HashKey hashKey = explicit.orElseGet(() -> HashKey.ofPartitionKey(key));
      allInHalf &= half.contains(hashKey);
      require(member.partitionKey().equals(key), "partition key differs");
      require(member.explicitHashKey().equals(explicit), "explicit hash key differs");
      require(member.hashKey().equals(hashKey), "hash key differs");
      require(member.data().equals(record.getData().asReadOnlyByteBuffer()), "data differ");
      compareHeaders(member.headers(), record.getTagsList());
    }
    require(index == decoded.memberCount(), "iteration ended early");
    require(decoded.isWithin(half) == allInHalf, "range check differs");
  }

  private static void compareHeaders(Headers headers, List<Tag> tags) {
    require(headers.size() == tags.size(), "header count differs");
    int index = 0;
    for (Headers.Header header : headers) {
      Tag tag = tags.get(index++);
      require(header.name().equals(tag.getKey()), "header name differs");
      boolean plain = !tag.getValue().startsWith("data:;base64,");
      require(
          !plain || ByteString.copyFrom(header.value()).equals(tag.getValueBytes()),
          "header value differs");
    }
  }

  private static HashKey explicitHashKey(
      io.millrace.aggregation.reference.AggregatedRecord reference, Record record) {
    return HashKey.parse(reference.getExplicitHashKeyTable((int) record.getExplicitHashKeyIndex()));
  }

  private static boolean isBehind(long index, int count) {
    return Long.compareUnsigned(index, count) >= 0;
  }

  private static void requireCorrupt(DecodedRecord decoded, CorruptReason reason) {
    require(
        decoded instanceof Corrupt corrupt
            && corrupt.reason() == reason
            && corrupt.offset() >= 4
            && corrupt.offset() <= corrupt.data().remaining() - 16,
        reason + " expected, but " + decoded);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }

  // Inputs.

  private static byte[] input(RandomGenerator random) {
    return switch (random.nextInt(10)) {
      case 0 -> randomBytes(random, 200);
      case 1 -> Aggregates.frame(randomBytes(random, 200));
      case 2 -> flipBits(Aggregates.frame(body(random)), random);
      case 3 -> truncate(Aggregates.frame(body(random)), random);
      case 4 -> Aggregates.frame(truncate(body(random), random));
      case 5 -> Aggregates.frame(withHostileVarint(body(random), random));
      case 6 -> Aggregates.frame(splice(body(random), body(random), random));
      case 7 -> Aggregates.frame(tables(random));
      case 8 -> Aggregates.frame(body(random));
      default -> Aggregates.frame(flipBits(body(random), random));
    };
  }

  private static byte[] randomBytes(RandomGenerator random, int maxLength) {
    byte[] bytes = new byte[random.nextInt(maxLength)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] flipBits(byte[] bytes, RandomGenerator random) {
    for (int flips = 1 + random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  private static byte[] truncate(byte[] bytes, RandomGenerator random) {
    return bytes.length == 0 ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length));
  }

  /** Overwrites or inserts a length or index that claims far more than there is. */
  private static byte[] withHostileVarint(byte[] bytes, RandomGenerator random) {
    byte[] varint =
        switch (random.nextInt(4)) {
          case 0 -> HexFormat.of().parseHex("ffffffff07");
          case 1 -> HexFormat.of().parseHex("ffffffff0f");
          case 2 -> HexFormat.of().parseHex("ffffffffffffffffff01");
          default -> HexFormat.of().parseHex("808080808080808080808000");
        };
    int at = random.nextInt(bytes.length + 1);
    int behind = Math.min(bytes.length, at + random.nextInt(2));
    return join(Arrays.copyOf(bytes, at), varint, Arrays.copyOfRange(bytes, behind, bytes.length));
  }

  private static byte[] splice(byte[] first, byte[] second, RandomGenerator random) {
    int cut = random.nextBoolean() ? first.length : random.nextInt(first.length + 1);
    int from = random.nextBoolean() ? 0 : random.nextInt(second.length + 1);
    return join(Arrays.copyOf(first, cut), EMPTY, Arrays.copyOfRange(second, from, second.length));
  }

  /** Many tiny table entries, used by hardly any record. */
  private static byte[] tables(RandomGenerator random) {
    byte[] tables = new byte[2 * random.nextInt(4000)];
    for (int i = 0; i < tables.length; i += 2) {
      tables[i] = (byte) (random.nextBoolean() ? 0x0A : 0x12);
    }
    return join(tables, EMPTY, random.nextBoolean() ? EMPTY : body(random));
  }

  private static byte[] join(byte[] first, byte[] second, byte[] third) {
    return ByteBuffer.allocate(first.length + second.length + third.length)
        .put(first)
        .put(second)
        .put(third)
        .array();
  }

  private static byte[] body(RandomGenerator random) {
    var body = io.millrace.aggregation.reference.AggregatedRecord.newBuilder();
    int keys = 1 + random.nextInt(4);
    for (int i = 0; i < keys; i++) {
      body.addPartitionKeyTableBytes(ByteString.copyFrom(key(random)));
    }
    int hashKeys = random.nextInt(3);
    for (int i = 0; i < hashKeys; i++) {
      body.addExplicitHashKeyTable(hashKey(random));
    }
    for (int i = random.nextInt(6); i > 0; i--) {
      Record.Builder record =
          Record.newBuilder()
              .setPartitionKeyIndex(random.nextInt(random.nextInt(20) == 0 ? 6 : keys))
              .setData(ByteString.copyFrom(randomBytes(random, 20)));
      if (hashKeys > 0 && random.nextBoolean()) {
        record.setExplicitHashKeyIndex(random.nextInt(random.nextInt(20) == 0 ? 4 : hashKeys));
      }
      if (random.nextInt(3) == 0) {
        record.addTags(
            Tag.newBuilder()
                .setKey("name" + random.nextInt(3))
                .setValueBytes(ByteString.copyFrom(randomBytes(random, 10))));
      }
      body.addRecords(record);
    }
    return body.build().toByteArray();
  }

  private static byte[] key(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> Aggregates.bytes("é水\uD83C\uDF0A");
      case 1 -> randomBytes(random, 12);
      default -> Aggregates.bytes("key-" + random.nextInt(100));
    };
  }

  private static String hashKey(RandomGenerator random) {
    return switch (random.nextInt(12)) {
      case 0 -> "not a number";
      case 1 -> "340282366920938463463374607431768211456";
      case 2 -> "+007";
      default -> new HashKey(random.nextLong(), random.nextLong()).toString();
    };
  }
}
