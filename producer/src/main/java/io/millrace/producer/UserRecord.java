package io.millrace.producer;

import io.millrace.aggregation.Headers;
import io.millrace.model.HashKey;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an application puts: a payload, the key that chooses its shard, and headers if any.
 *
 * <p>Wraps the payload without copying it: leave the bytes alone until {@code put} has returned.
 * Immutable otherwise. {@code toString} shows sizes only.
 */
public final class UserRecord {
  private final @Nullable String partitionKey;
  private final @Nullable HashKey explicitHashKey;
  private final ByteBuffer data;
  private final Headers headers;

  private UserRecord(
      @Nullable String partitionKey,
      @Nullable HashKey explicitHashKey,
      ByteBuffer data,
      Headers headers) {
    this.partitionKey = partitionKey;
    this.explicitHashKey = explicitHashKey;
    this.data = data;
    this.headers = headers;
  }

  /**
   * A record with a key.
   *
   * @param partitionKey 1 to 256 Unicode characters (checked by {@code put})
   * @param data the payload, may be empty
   */
  public static UserRecord of(String partitionKey, byte[] data) {
    return of(partitionKey, ByteBuffer.wrap(data));
  }

  /**
   * A record with a key.
   *
   * @param partitionKey 1 to 256 Unicode characters (checked by {@code put})
   * @param data the payload from position to limit, may be empty or direct; its position is not
   *     moved
   */
  public static UserRecord of(String partitionKey, ByteBuffer data) {
    return new UserRecord(
        Objects.requireNonNull(partitionKey, "partitionKey"),
        null,
        data.asReadOnlyBuffer(),
        Headers.NONE);
  }

  /**
   * A record without a key, for a stream whose record distribution is managed by the service
   * (AUTO). On another stream its put fails with {@link PutFailure#RECORD_REFUSED}.
   *
   * @param data the payload, may be empty
   */
  public static UserRecord withoutKey(byte[] data) {
    return new UserRecord(null, null, ByteBuffer.wrap(data).asReadOnlyBuffer(), Headers.NONE);
  }

  /** Starts a record with an explicit hash key or headers. */
  public static Builder builder() {
    return new Builder();
  }

  /** The key; empty only for {@link #withoutKey} records. */
  public Optional<String> partitionKey() {
    return Optional.ofNullable(partitionKey);
  }

  /** Overrides the hash of the partition key. */
  public Optional<HashKey> explicitHashKey() {
    return Optional.ofNullable(explicitHashKey);
  }

  /** The payload: read-only, a fresh position on each call. */
  public ByteBuffer data() {
    return data.duplicate();
  }

  /** What travels beside the payload; {@link Headers#NONE} when there is nothing. */
  public Headers headers() {
    return headers;
  }

  /** Sizes only: never the key, the payload or headers. */
  @Override
  public String toString() {
    return "UserRecord[" + data.remaining() + " data bytes, " + headers.size() + " headers]";
  }

  /** Builds a record. Not thread-safe. */
  public static final class Builder {
    private @Nullable String partitionKey;
    private @Nullable HashKey explicitHashKey;
    private ByteBuffer data = ByteBuffer.allocate(0);
    private Headers headers = Headers.NONE;
    private Headers.@Nullable Builder added;

    private Builder() {}

    /**
     * 1 to 256 Unicode characters (checked by {@code put}); without it, as {@link
     * UserRecord#withoutKey}.
     */
    public Builder partitionKey(String partitionKey) {
      this.partitionKey = Objects.requireNonNull(partitionKey, "partitionKey");
      return this;
    }

    /** Overrides the hash of the partition key; default: none. */
    public Builder explicitHashKey(HashKey explicitHashKey) {
      this.explicitHashKey = Objects.requireNonNull(explicitHashKey, "explicitHashKey");
      return this;
    }

    /**
     * Overrides the hash of the partition key.
     *
     * @param decimal 0 to 2^128-1 in decimal digits
     * @throws IllegalArgumentException if it is not such a number
     */
    public Builder explicitHashKey(String decimal) {
      return explicitHashKey(HashKey.parse(decimal));
    }

    /** The payload; default: empty. */
    public Builder data(byte[] data) {
      this.data = ByteBuffer.wrap(data).asReadOnlyBuffer();
      return this;
    }

    /** The payload from position to limit; its position is not moved. */
    public Builder data(ByteBuffer data) {
      this.data = data.asReadOnlyBuffer();
      return this;
    }

    /**
     * Adds a header: a name and a value that travel beside the payload, in the aggregated record's
     * tag slot. Millrace's consumer reads headers, KCL and other readers ignore them. A name may be
     * given more than once.
     *
     * @throws IllegalArgumentException if the name is empty or no text that UTF-8 can hold
     */
    public Builder header(String name, byte[] value) {
      collector().add(name, value);
      return this;
    }

    /** Adds a header with text as its value, in UTF-8. */
    public Builder header(String name, String value) {
      collector().add(name, value);
      return this;
    }

    /** Replaces all headers given so far. */
    public Builder headers(Headers headers) {
      this.headers = Objects.requireNonNull(headers, "headers");
      added = null;
      return this;
    }

    /** Builds the record. */
    public UserRecord build() {
      return new UserRecord(
          partitionKey, explicitHashKey, data, added == null ? headers : added.build());
    }

    private Headers.Builder collector() {
      Headers.Builder collector = added;
      if (collector == null) {
        collector = Headers.builder();
        for (Headers.Header header : headers) {
          collector.add(header.name(), header.value());
        }
        added = collector;
      }
      return collector;
    }
  }

  /** Starts a builder with everything of this record, e.g. to add a header. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.partitionKey = partitionKey;
    builder.explicitHashKey = explicitHashKey;
    builder.data = data;
    builder.headers = headers;
    return builder;
  }
}
