package io.millrace.consumer.internal.process;

import io.millrace.model.Position;
import java.time.Instant;
import java.util.Optional;

/**
 * How far a delivery is, at one moment. Immutable.
 *
 * @param watermark the highest position up to which everything is acknowledged
 * @param watermarkArrival the arrival time of the record there
 * @param acknowledgedRecords how many user records are acknowledged; only grows
 * @param releasedBytes the bytes of wholly acknowledged Kinesis records; only grows
 * @param idle no user code runs, and no asynchronous call is under way
 * @param empty everything offered is acknowledged
 * @param oldestArrival the arrival time of the oldest record that is not acknowledged
 * @param parked set once the failure policy has stopped the shard
 */
public record DeliveryProgress(
    Optional<Position> watermark,
    Optional<Instant> watermarkArrival,
    long acknowledgedRecords,
    long releasedBytes,
    boolean idle,
    boolean empty,
    Optional<Instant> oldestArrival,
    Optional<ParkRequest> parked) {

  /**
   * Why a shard must stop.
   *
   * @param reason no record content
   * @param attempts how often the failing record was delivered
   */
  public record ParkRequest(String reason, int attempts) {}
}
