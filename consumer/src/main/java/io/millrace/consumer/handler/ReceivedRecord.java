package io.millrace.consumer.handler;

import io.millrace.aggregation.Headers;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.model.HashKey;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;

/**
 * One user record as it was received: what a producer put, taken out of its aggregate.
 *
 * <p>The bytes belong to the fetch that brought them. {@link #data()} is a read-only slice of it,
 * valid until the record is acknowledged and pinning the whole fetched Kinesis record as long as it
 * is reachable; {@link #copy()} is yours to keep. Thread-safe; every {@code data()} is a new buffer
 * with a position of its own.
 *
 * <p>{@code toString} shows the position and the size, never key or data. In unit tests of a
 * handler use {@code ReceivedRecords.of(...)} of the testkit, or implement this interface.
 */
public interface ReceivedRecord {
  /** The ARN of the stream, or its name where the ARN is not known. */
  String stream();

  /** The shard that the record was read from. */
  ShardId shard();

  /**
   * The record's position within its shard: the sequence number of the Kinesis record, and the
   * index of the user record inside it (0 if it was not aggregated). Unique in a shard, and
   * increasing in the order of delivery.
   */
  Position position();

  /**
   * The partition key that the producer gave to this user record; 1 to 256 characters on the
   * service.
   */
  String partitionKey();

  /**
   * The explicit hash key of an aggregated user record, if its producer gave one; the service tells
   * none for any other.
   */
  Optional<HashKey> explicitHashKey();

  /**
   * About when the service received the Kinesis record, in milliseconds. Not monotonic, and the
   * same for all members of an aggregate.
   */
  Instant arrival();

  /** The payload: a new read-only slice from position 0 to its size, big-endian. Costs no copy. */
  ByteBuffer data();

  /** The payload's size in bytes. */
  int sizeBytes();

  /** A copy of the payload, which the caller owns. */
  default byte[] copy() {
    byte[] bytes = new byte[sizeBytes()];
    data().get(bytes);
    return bytes;
  }

  /**
   * The headers that a Millrace producer put; {@link Headers#NONE} for any other record. Decoded at
   * each call.
   */
  Headers headers();

  /** Whether the record came out of an aggregate. */
  boolean aggregated();

  /**
   * How often this record has been handed to the application by this owner of the shard, this time
   * included: 1 for the first. A restart or another worker begins anew at 1, so 1 does not prove
   * that nobody has seen the record before.
   */
  int attempt();

  /**
   * The token of the ownership under which the record is delivered. Write it with the effect, and
   * refuse smaller ones: see {@link FencingToken}.
   */
  FencingToken fencingToken();
}
