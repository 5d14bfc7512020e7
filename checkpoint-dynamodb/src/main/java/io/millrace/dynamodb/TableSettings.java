package io.millrace.dynamodb;

import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the builder was told about the tables. Immutable.
 *
 * @param leaseTable the lease table's name; null for the application's
 * @param workerTable the worker table's name; null for the application's with a suffix
 * @param create whether a missing table is created
 * @param deletionProtection for tables that are created
 * @param pointInTimeRecovery for a lease table that is created
 * @param ownerIndex whether a lease table without the KCL's index gets one in the background
 * @param tags for tables that are created
 */
record TableSettings(
    @Nullable String leaseTable,
    @Nullable String workerTable,
    boolean create,
    boolean deletionProtection,
    boolean pointInTimeRecovery,
    boolean ownerIndex,
    Map<String, String> tags) {
  static final String WORKER_TABLE_SUFFIX = "-MillraceWorkers";

  static final TableSettings DEFAULT =
      new TableSettings(null, null, true, false, false, false, Map.of());

  private static final Pattern TABLE_NAME = Pattern.compile("[a-zA-Z0-9_.-]{3,255}");

  TableSettings {
    tags = Map.copyOf(tags);
  }

  /**
   * The lease table's name.
   *
   * @throws IllegalArgumentException if it is the application's, and no table can have it
   */
  String leaseTableOf(String application) {
    return leaseTable == null
        ? checked("application, the lease table's name,", application)
        : leaseTable;
  }

  /**
   * The worker table's name.
   *
   * @throws IllegalArgumentException if it comes from the application's, and no table can have it
   */
  String workerTableOf(String application) {
    return workerTable == null
        ? checked("the worker table's name", application + WORKER_TABLE_SUFFIX)
        : workerTable;
  }

  TableSettings withLeaseTable(String value) {
    return new TableSettings(
        checked("leaseTableName", value),
        workerTable,
        create,
        deletionProtection,
        pointInTimeRecovery,
        ownerIndex,
        tags);
  }

  TableSettings withWorkerTable(String value) {
    return new TableSettings(
        leaseTable,
        checked("workerTableName", value),
        create,
        deletionProtection,
        pointInTimeRecovery,
        ownerIndex,
        tags);
  }

  TableSettings withCreate(boolean value) {
    return new TableSettings(
        leaseTable, workerTable, value, deletionProtection, pointInTimeRecovery, ownerIndex, tags);
  }

  TableSettings withDeletionProtection(boolean value) {
    return new TableSettings(
        leaseTable, workerTable, create, value, pointInTimeRecovery, ownerIndex, tags);
  }

  TableSettings withPointInTimeRecovery(boolean value) {
    return new TableSettings(
        leaseTable, workerTable, create, deletionProtection, value, ownerIndex, tags);
  }

  TableSettings withOwnerIndex(boolean value) {
    return new TableSettings(
        leaseTable, workerTable, create, deletionProtection, pointInTimeRecovery, value, tags);
  }

  TableSettings withTags(Map<String, String> value) {
    return new TableSettings(
        leaseTable,
        workerTable,
        create,
        deletionProtection,
        pointInTimeRecovery,
        ownerIndex,
        value);
  }

  private static String checked(String setting, String name) {
    if (!TABLE_NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          setting + " is '" + name + "': it must be 3 to 255 of the characters a-z A-Z 0-9 _ . -");
    }
    return name;
  }
}
