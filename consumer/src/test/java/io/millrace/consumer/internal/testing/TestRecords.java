package io.millrace.consumer.internal.testing;

import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.Headers;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import io.millrace.model.SequenceNumber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/** Kinesis records for tests: sequence numbers in steps, data that says what it is. */
public final class TestRecords {
  private static final Instant ARRIVAL = Instant.parse("2026-01-01T00:00:00Z");

  private static final byte[] SHARED = new byte[64 * 1024];

  private TestRecords() {}

  /** The sequence number of the nth record. */
  public static SequenceNumber sequence(long n) {
    return SequenceNumber.of("4959000000000000000000" + String.format("%08d", n));
  }

  /** A plain record. */
  public static KinesisRecord plain(long n, String key, String data) {
    return new KinesisRecord(
        sequence(n), key, ARRIVAL, ByteBuffer.wrap(data.getBytes(StandardCharsets.UTF_8)));
  }

  /** A plain record with its own number as key and data. */
  public static KinesisRecord plain(long n) {
    return plain(n, "key" + n, "data" + n);
  }

  /** A plain record that arrived at a time. */
  public static KinesisRecord plainAt(long n, Instant arrival) {
    return new KinesisRecord(
        sequence(n), "key" + n, arrival, ByteBuffer.wrap(new byte[] {1, 2, 3}));
  }

  /** A plain record of a size of at most 64 KiB; all of them share their bytes. */
  public static KinesisRecord plainOf(long n, int bytes) {
    return new KinesisRecord(sequence(n), "k", ARRIVAL, ByteBuffer.wrap(SHARED, 0, bytes));
  }

  /** An aggregate; member i has the key and the data {@code keys[i]}. */
  public static KinesisRecord aggregate(long n, List<String> keys) {
    AggregateEncoder encoder = new AggregateEncoder(10 << 20);
    for (String key : keys) {
      AggregateEncoder.AddResult added =
          encoder.tryAdd(
              key, null, ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)), Headers.NONE);
      if (added != AggregateEncoder.AddResult.ADDED) {
        throw new IllegalStateException(String.valueOf(added));
      }
    }
    return new KinesisRecord(sequence(n), "a", ARRIVAL, ByteBuffer.wrap(encoder.finish()));
  }

  /** An aggregate of members that are named after it. */
  public static KinesisRecord aggregate(long n, int members) {
    return members == 0
        ? emptyAggregate(n)
        : aggregate(n, IntStream.range(0, members).mapToObj(i -> n + "/" + i).toList());
  }

  /** A record with the magic bytes and the right checksum around nonsense. */
  public static KinesisRecord corrupt(long n) {
    return framed(n, new byte[] {0x1A, 0x05, 0x08, 0x63, 0x1A, 0x01, 0x78});
  }

  /** An aggregate with a key table and no user record. */
  public static KinesisRecord emptyAggregate(long n) {
    return framed(n, new byte[] {0x0A, 0x01, 0x61});
  }

  private static KinesisRecord framed(long n, byte[] body) {
    byte[] data = new byte[4 + body.length + 16];
    ByteBuffer.wrap(data).putInt(0xF3899AC2).put(body).put(md5(body));
    return new KinesisRecord(sequence(n), "a", ARRIVAL, ByteBuffer.wrap(data));
  }

  private static byte[] md5(byte[] body) {
    try {
      return java.security.MessageDigest.getInstance("MD5").digest(body);
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The text of some data. */
  public static String text(ByteBuffer data) {
    return StandardCharsets.UTF_8.decode(data.duplicate()).toString();
  }
}
