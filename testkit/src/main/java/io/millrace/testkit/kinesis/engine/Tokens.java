package io.millrace.testkit.kinesis.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Shard iterators and pagination tokens: opaque text that holds all there is to them, so that the
 * core remembers none. Garbage and tokens of other endpoints are told by a check value. Immutable.
 */
final class Tokens {
  private static final byte ITERATOR = 1;
  private static final byte PAGE = 2;
  private static final long LIFETIME_NANOS = 300_000_000_000L;
  private static final int ITERATOR_BYTES = 1 + 8 + 4 + 8 + 8;

  private final long secret;
  private final boolean expiring;

  /**
   * Makes the codec of one endpoint.
   *
   * @param secret differs between endpoints
   * @param expiring whether tokens live for 300 seconds only
   */
  Tokens(long secret, boolean expiring) {
    this.secret = secret;
    this.expiring = expiring;
  }

  /**
   * A shard iterator.
   *
   * @param incarnation of the stream
   * @param shardIndex in the stream
   * @param place of the record to read next
   * @param issuedNanos when it was given out
   */
  record ShardIterator(long incarnation, int shardIndex, long place, long issuedNanos) {}

  /**
   * A page of a listing.
   *
   * @param kind of listing
   * @param incarnation of the stream, or 0
   * @param after what the next page begins after
   * @param filter the listing's own parameters
   */
  record Page(char kind, long incarnation, String after, String filter) {}

  String encode(ShardIterator iterator) {
    byte[] content = new byte[ITERATOR_BYTES + 8];
    ByteBuffer bytes = ByteBuffer.wrap(content);
    bytes.put(ITERATOR).putLong(iterator.incarnation()).putInt(iterator.shardIndex());
    bytes.putLong(iterator.place()).putLong(iterator.issuedNanos());
    return sealed(content);
  }

  /**
   * Reads an iterator.
   *
   * @throws KinesisError if it is garbage or expired
   */
  ShardIterator iterator(String text, long nowNanos) {
    ShardIterator iterator = peek(text);
    if (iterator == null) {
      throw Checks.invalidArgument("Invalid ShardIterator.");
    }
    if (isExpired(iterator.issuedNanos(), nowNanos)) {
      throw new KinesisError(
          ErrorCode.EXPIRED_ITERATOR,
          "Iterator expired: it is older than the tolerated delay of 300000 milliseconds.");
    }
    return iterator;
  }

  /** Reads an iterator whatever its age; null if it is garbage. */
  @Nullable ShardIterator peek(String text) {
    ByteBuffer bytes = opened(text);
    if (bytes == null || bytes.remaining() != ITERATOR_BYTES || bytes.get() != ITERATOR) {
      return null;
    }
    return new ShardIterator(bytes.getLong(), bytes.getInt(), bytes.getLong(), bytes.getLong());
  }

  String encode(Page page, long nowNanos) {
    byte[] text = (page.after() + '\n' + page.filter()).getBytes(UTF_8);
    byte[] content = new byte[1 + 2 + 8 + 8 + text.length + 8];
    ByteBuffer bytes = ByteBuffer.wrap(content);
    bytes.put(PAGE).putChar(page.kind()).putLong(page.incarnation()).putLong(nowNanos).put(text);
    return sealed(content);
  }

  /**
   * Reads a pagination token of a kind of listing.
   *
   * @throws KinesisError if it is garbage or expired
   */
  Page page(char kind, String text, long nowNanos) {
    ByteBuffer bytes = opened(text);
    if (bytes == null || bytes.remaining() < 19 || bytes.get() != PAGE || bytes.getChar() != kind) {
      throw Checks.invalidArgument("Invalid NextToken.");
    }
    long incarnation = bytes.getLong();
    if (isExpired(bytes.getLong(), nowNanos)) {
      throw new KinesisError(
          ErrorCode.EXPIRED_NEXT_TOKEN, "NextToken expired: it is older than 300 seconds.");
    }
    String[] parts = UTF_8.decode(bytes).toString().split("\n", 2);
    return new Page(kind, incarnation, parts[0], parts[1]);
  }

  private boolean isExpired(long issuedNanos, long nowNanos) {
    return expiring && nowNanos - issuedNanos > LIFETIME_NANOS;
  }

  /** Fills the last 8 bytes with the check value. */
  private String sealed(byte[] content) {
    int length = content.length - 8;
    ByteBuffer.wrap(content).putLong(length, check(content, length));
    return Base64.getEncoder().encodeToString(content);
  }

  private @Nullable ByteBuffer opened(String text) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
    int length = bytes.length - 8;
    if (length < 0 || ByteBuffer.wrap(bytes).getLong(length) != check(bytes, length)) {
      return null;
    }
    return ByteBuffer.wrap(bytes, 0, length);
  }

  private long check(byte[] bytes, int length) {
    long hash = secret;
    for (int i = 0; i < length; i++) {
      hash = (hash ^ bytes[i]) * 0x100000001B3L;
      hash ^= hash >>> 29;
    }
    return hash;
  }
}
