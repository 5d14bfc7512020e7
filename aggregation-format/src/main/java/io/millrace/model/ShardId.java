package io.millrace.model;

/**
 * The id of a shard, such as {@code shardId-000000000000}; unique within its stream.
 *
 * <p>Immutable.
 *
 * @param value the id as the service writes it; never empty
 */
public record ShardId(String value) implements Comparable<ShardId> {
  /**
   * Checks the id.
   *
   * @throws IllegalArgumentException if the id is empty
   */
  public ShardId {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("shard id is empty: it must have at least 1 character");
    }
  }

  @Override
  public int compareTo(ShardId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
