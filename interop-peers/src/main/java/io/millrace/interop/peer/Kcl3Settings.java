package io.millrace.interop.peer;

import software.amazon.kinesis.coordinator.CoordinatorConfig;
import software.amazon.kinesis.coordinator.CoordinatorConfig.ClientVersionConfig;
import software.amazon.kinesis.leases.LeaseManagementConfig;

/** What a KCL 2 does not know: kept apart so that {@link KclWorker} runs on one. */
final class Kcl3Settings {
  private static final long LEADER_LEASE_MILLIS = 15_000;
  private static final long LEADER_HEARTBEAT_MILLIS = 3_000;

  private Kcl3Settings() {}

  /**
   * Sets how leases are assigned.
   *
   * @param mode {@code 3} for a leader that assigns, {@code 3-as-2} for each worker on its own, as
   *     in the first phase of an upgrade from a KCL 2
   */
  static void apply(CoordinatorConfig config, String mode) {
    config.clientVersionConfig(
        switch (mode) {
          case "3" -> ClientVersionConfig.CLIENT_VERSION_CONFIG_3X;
          case "3-as-2" -> ClientVersionConfig.CLIENT_VERSION_CONFIG_COMPATIBLE_WITH_2X;
          default -> throw new IllegalArgumentException("--mode " + mode);
        });
  }

  /** Has a dead leader replaced soon, where its lease can be set at all. */
  static void apply(LeaseManagementConfig config) {
    try {
      config
          .dynamoDbLockBasedLeaderLeaseDurationInMillis(LEADER_LEASE_MILLIS)
          .dynamoDbLockBasedLeaderHeartbeatPeriodInMillis(LEADER_HEARTBEAT_MILLIS);
    } catch (NoSuchMethodError olderVersion) {
      System.err.println("this KCL's leader has a fixed lease");
    }
  }
}
