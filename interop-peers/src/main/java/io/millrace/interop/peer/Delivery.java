package io.millrace.interop.peer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * One user record as a reader got it, as a line of its report. Immutable.
 *
 * @param shard where it was read; empty text where there is none
 * @param sequenceNumber of the Kinesis record
 * @param subSequenceNumber within it
 * @param partitionKey of the user record
 * @param explicitHashKey of the user record, in decimal digits; empty text if the reader tells none
 * @param number as the payload begins
 * @param sizeBytes of the payload
 * @param digest of the payload
 */
public record Delivery(
    String shard,
    String sequenceNumber,
    long subSequenceNumber,
    String partitionKey,
    String explicitHashKey,
    int number,
    int sizeBytes,
    String digest) {
  private static final String TAG = "delivered";
  private static final int FIELDS = 9;

  /** Describes a record; the payload's position does not move. */
  public static Delivery of(
      String shard,
      String sequenceNumber,
      long subSequenceNumber,
      String partitionKey,
      String explicitHashKey,
      ByteBuffer payload) {
    return new Delivery(
        shard,
        sequenceNumber,
        subSequenceNumber,
        partitionKey,
        explicitHashKey,
        NumberedRecord.numberIn(payload),
        payload.remaining(),
        digestOf(payload));
  }

  /** A short digest of the remaining bytes; the position does not move. */
  public static String digestOf(ByteBuffer payload) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(payload.duplicate());
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The line of a report. */
  public String line() {
    return String.join(
        "\t",
        TAG,
        shard,
        sequenceNumber,
        Long.toString(subSequenceNumber),
        Base64.getEncoder().encodeToString(partitionKey.getBytes(UTF_8)),
        explicitHashKey,
        Integer.toString(number),
        Integer.toString(sizeBytes),
        digest);
  }

  /** Reads a line; empty if it tells something else. */
  public static Optional<Delivery> parse(String line) {
    String[] fields = line.split("\t", -1);
    if (fields.length != FIELDS || !fields[0].equals(TAG)) {
      return Optional.empty();
    }
    return Optional.of(
        new Delivery(
            fields[1],
            fields[2],
            Long.parseLong(fields[3]),
            new String(Base64.getDecoder().decode(fields[4]), UTF_8),
            fields[5],
            Integer.parseInt(fields[6]),
            Integer.parseInt(fields[7]),
            fields[8]));
  }
}
