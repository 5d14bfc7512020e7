package io.millrace.testkit.kinesis.engine;

import io.millrace.model.HashKey;
import io.millrace.testkit.kinesis.call.Empty;
import io.millrace.testkit.kinesis.call.ShardCall;
import io.millrace.testkit.kinesis.call.ShardCall.ShardFilter;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StreamMode;
import io.millrace.testkit.kinesis.model.StreamStatus;
import io.millrace.testkit.kinesis.store.ShardState;
import io.millrace.testkit.kinesis.store.StreamState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The operations about shards and their lineage. Thread-safe. */
public final class ShardOperations {
  private static final int MAX_PAGE = 10_000;
  private static final int DEFAULT_PAGE = 1_000;
  private static final int MAX_TARGET = 10_000;
  private static final char SHARDS = 'h';
  private static final Pattern HASH_KEY = Pattern.compile("0|([1-9]\\d{0,38})");
  private static final Pattern SHARD_ID = Pattern.compile("shardId-(\\d{12})");

  private final Account account;
  private final StreamOperations streams;

  /** Works on an account. */
  public ShardOperations(Account account, StreamOperations streams) {
    this.account = account;
    this.streams = streams;
  }

  /** Lists shards. */
  public ShardCall.ListShardsReply list(ShardCall.ListShards request) {
    int limit = Checks.inRangeOr("maxResults", request.maxResults(), 1, MAX_PAGE, DEFAULT_PAGE);
    String token = request.nextToken();
    if (token != null) {
      requireTokenAlone(request);
      Tokens.Page page = account.tokens().page(SHARDS, token, account.nowNanos());
      StreamState stream = account.streamOf(page.incarnation());
      return pageOf(stream, decode(page.filter()), page.after(), limit);
    }
    ShardFilter filter = request.filter();
    if (filter != null) {
      checkFilter(filter);
    }
    String after = request.exclusiveStartShardId();
    if (after != null) {
      Checks.name("exclusiveStartShardId", after);
    }
    if (request.stream().isEmpty()) {
      throw Checks.invalidArgument("Either NextToken or StreamName should be provided.");
    }
    StreamState stream = account.stream(request.stream());
    requireListable(stream);
    requireCreation(stream, request.streamCreationTimestamp());
    return pageOf(stream, filter, after == null ? "" : after, limit);
  }

  /** Splits a shard. */
  public Empty split(ShardCall.SplitShard request) {
    String shardId = Checks.name("shardToSplit", request.shardToSplit());
    String text = Checks.required("newStartingHashKey", request.newStartingHashKey());
    HashKey newStart = hashKey("newStartingHashKey", text);
    StreamState stream = provisioned(account.stream(request.stream()), "SplitShard");
    streams.updateLater(stream, () -> checkedSplit(stream, shardId, newStart));
    return Empty.EMPTY;
  }

  /** Merges two shards. */
  public Empty merge(ShardCall.MergeShards request) {
    String shardId = Checks.name("shardToMerge", request.shardToMerge());
    String adjacentId = Checks.name("adjacentShardToMerge", request.adjacentShardToMerge());
    StreamState stream = provisioned(account.stream(request.stream()), "MergeShards");
    streams.updateLater(stream, () -> checkedMerge(stream, shardId, adjacentId));
    return Empty.EMPTY;
  }

  /** Reshards to equal hash ranges. */
  public ShardCall.UpdateShardCountReply updateCount(ShardCall.UpdateShardCount request) {
    int target =
        Checks.inRange("targetShardCount", request.targetShardCount(), 1, Integer.MAX_VALUE);
    String scaling = Checks.required("scalingType", request.scalingType());
    if (!scaling.equals("UNIFORM_SCALING")) {
      throw Checks.validation(
          "scalingType", scaling, "Member must satisfy enum value set: [UNIFORM_SCALING]");
    }
    StreamState stream = provisioned(account.stream(request.stream()), "UpdateShardCount");
    AtomicInteger before = new AtomicInteger();
    streams.updateLater(
        stream,
        () -> {
          int current = stream.lineage().open().shards().size();
          before.set(current);
          requireReachable(current, target);
          account.requireShards(target - current);
          return () -> stream.lineage().scaleTo(target, account.now());
        });
    return new ShardCall.UpdateShardCountReply(stream.name(), stream.arn(), before.get(), target);
  }

  /** Reshards any stream to any count, as the service does with on-demand streams by itself. */
  public void scale(StreamState stream, int target) {
    streams.updateLater(stream, () -> () -> stream.lineage().scaleTo(target, account.now()));
  }

  /** The shard with an id, open or closed. */
  Optional<ShardState> find(StreamState stream, String shardId) {
    var parts = SHARD_ID.matcher(shardId);
    if (!parts.matches() || Long.parseLong(parts.group(1)) > Integer.MAX_VALUE) {
      return Optional.empty();
    }
    return stream.shard(Integer.parseInt(parts.group(1)), account.nowMillis());
  }

  private Runnable checkedSplit(StreamState stream, String shardId, HashKey newStart) {
    ShardState shard = openShard(stream, shardId);
    account.requireShards(1);
    HashKey start = shard.range().start();
    boolean aboveStart = newStart.compareTo(start) > 0 && !newStart.previous().equals(start);
    if (!aboveStart || newStart.compareTo(shard.range().end()) >= 0) {
      throw Checks.invalidArgument(
          "NewStartingHashKey "
              + newStart
              + " used in SplitShard() on shard "
              + shardId
              + " in stream "
              + stream.name()
              + " under account "
              + account.settings().accountId()
              + " is not both greater than one plus the shard's StartingHashKey "
              + start
              + " and less than the shard's EndingHashKey "
              + shard.range().end()
              + '.');
    }
    return () -> stream.lineage().split(shard, newStart, account.now());
  }

  private Runnable checkedMerge(StreamState stream, String shardId, String adjacentId) {
    ShardState shard = openShard(stream, shardId);
    ShardState adjacent = openShard(stream, adjacentId);
    if (!shard.range().isAdjacentTo(adjacent.range())) {
      throw Checks.invalidArgument(
          "Shards "
              + shardId
              + " and "
              + adjacentId
              + " in stream "
              + stream.name()
              + " under account "
              + account.settings().accountId()
              + " are not an adjacent pair of shards eligible for merging");
    }
    return () -> stream.lineage().merge(shard, adjacent, account.now());
  }

  private ShardState openShard(StreamState stream, String shardId) {
    ShardState shard = find(stream, shardId).orElseThrow(() -> account.noShard(stream, shardId));
    if (!shard.isOpen()) {
      throw Checks.invalidArgument(
          "Shard " + shardId + " in stream " + stream.name() + " is closed.");
    }
    return shard;
  }

  private ShardCall.ListShardsReply pageOf(
      StreamState stream, @Nullable ShardFilter filter, String after, int limit) {
    Predicate<ShardState> passes = predicateOf(stream, filter);
    List<ShardInfo> shards =
        stream.shards(account.nowMillis()).stream()
            .filter(shard -> shard.shardId().compareTo(after) > 0)
            .filter(passes)
            .limit(limit + 1L)
            .map(ShardState::describe)
            .toList();
    if (shards.size() <= limit) {
      return new ShardCall.ListShardsReply(shards, null);
    }
    List<ShardInfo> page = shards.subList(0, limit);
    Tokens.Page next =
        new Tokens.Page(
            SHARDS, stream.incarnation(), page.get(limit - 1).shardId(), encode(filter));
    return new ShardCall.ListShardsReply(page, account.tokens().encode(next, account.nowNanos()));
  }

  private Predicate<ShardState> predicateOf(StreamState stream, @Nullable ShardFilter filter) {
    if (filter == null) {
      return shard -> true;
    }
    long horizon = stream.trimHorizonMillis(account.nowMillis());
    Instant given = filter.timestamp();
    // An iterator at a trimmed time begins at the horizon; a listing should lead to the same
    // shards.
    long timestamp = given == null ? horizon : Math.max(horizon, given.toEpochMilli());
    String shardId = filter.shardId() == null ? "" : filter.shardId();
    return switch (Checks.required("shardFilter.type", filter.type())) {
      case AFTER_SHARD_ID -> shard -> shard.shardId().compareTo(shardId) > 0;
      case AT_TRIM_HORIZON -> shard -> wasOpen(shard, horizon);
      case FROM_TRIM_HORIZON -> shard -> shard.closedMillis() >= horizon;
      case AT_LATEST -> ShardState::isOpen;
      case AT_TIMESTAMP -> shard -> wasOpen(shard, timestamp);
      case FROM_TIMESTAMP -> shard -> shard.closedMillis() >= timestamp;
    };
  }

  private static boolean wasOpen(ShardState shard, long millis) {
    return shard.createdMillis() <= millis && shard.closedMillis() >= millis;
  }

  private void checkFilter(ShardFilter filter) {
    ShardFilter.Type type = Checks.required("shardFilter.type", filter.type());
    boolean wantsId = type == ShardFilter.Type.AFTER_SHARD_ID;
    boolean wantsTime =
        type == ShardFilter.Type.AT_TIMESTAMP || type == ShardFilter.Type.FROM_TIMESTAMP;
    if (wantsId != (filter.shardId() != null)) {
      throw Checks.invalidArgument(
          "ShardFilter " + type + (wantsId ? " needs a ShardId." : " takes no ShardId."));
    }
    Instant timestamp = filter.timestamp();
    if (wantsTime != (timestamp != null)) {
      throw Checks.invalidArgument(
          "ShardFilter " + type + (wantsTime ? " needs a Timestamp." : " takes no Timestamp."));
    }
    if (timestamp != null && timestamp.toEpochMilli() > account.nowMillis()) {
      throw Checks.invalidArgument("The ShardFilter's Timestamp is in the future.");
    }
    if (filter.shardId() != null) {
      Checks.name("shardFilter.shardId", filter.shardId());
    }
  }

  private static String encode(@Nullable ShardFilter filter) {
    if (filter == null) {
      return "";
    }
    Instant timestamp = filter.timestamp();
    return filter.type()
        + "/"
        + (filter.shardId() == null ? "" : filter.shardId())
        + "/"
        + (timestamp == null ? "" : timestamp.toString());
  }

  private static @Nullable ShardFilter decode(String text) {
    if (text.isEmpty()) {
      return null;
    }
    String[] parts = text.split("/", -1);
    return new ShardFilter(
        ShardFilter.Type.valueOf(parts[0]),
        parts[1].isEmpty() ? null : parts[1],
        parts[2].isEmpty() ? null : Instant.parse(parts[2]));
  }

  private static void requireTokenAlone(ShardCall.ListShards request) {
    if (!request.stream().isEmpty()) {
      throw Checks.invalidArgument("NextToken and StreamName cannot be provided together.");
    }
    if (request.exclusiveStartShardId() != null
        || request.streamCreationTimestamp() != null
        || request.filter() != null) {
      throw Checks.invalidArgument(
          "NextToken cannot be provided together with ExclusiveStartShardId,"
              + " StreamCreationTimestamp or ShardFilter.");
    }
  }

  private static void requireListable(StreamState stream) {
    StreamStatus status = stream.status();
    if (!status.isReady()) {
      throw new KinesisError(
          ErrorCode.RESOURCE_IN_USE,
          "Stream " + stream.name() + " not ACTIVE, instead in state " + status);
    }
  }

  /** The service compares whole seconds: that is all its answers had at first. */
  static void requireCreation(StreamState stream, @Nullable Instant expected) {
    if (expected != null
        && expected.getEpochSecond() != Math.floorDiv(stream.createdMillis(), 1_000L)) {
      throw new KinesisError(
          ErrorCode.RESOURCE_NOT_FOUND,
          "There is no stream " + stream.name() + " with that creation timestamp.");
    }
  }

  private static StreamState provisioned(StreamState stream, String operation) {
    if (stream.attributes().mode() != StreamMode.PROVISIONED) {
      throw StreamOperations.provisionedOnly(stream, operation, StreamMode.PROVISIONED);
    }
    return stream;
  }

  private static void requireReachable(int current, int target) {
    if (target > 2 * current) {
      throw Checks.invalidArgument(
          "UpdateShardCount cannot scale up over double your current open shard count."
              + " Current open shard count: "
              + current
              + " Target shard count: "
              + target);
    }
    if (2L * target < current) {
      throw Checks.invalidArgument(
          "UpdateShardCount cannot scale down below half your current open shard count."
              + " Current open shard count: "
              + current
              + " Target shard count: "
              + target);
    }
    if (target > MAX_TARGET) {
      throw new KinesisError(
          ErrorCode.LIMIT_EXCEEDED,
          "UpdateShardCount cannot scale to more than " + MAX_TARGET + " shards.");
    }
  }

  private static HashKey hashKey(String field, String text) {
    if (!HASH_KEY.matcher(text).matches()) {
      throw Checks.validation(
          field,
          "a text of " + text.length() + " characters",
          "Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})");
    }
    try {
      return HashKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw Checks.invalidArgument(field + " is not in the range [0, 2^128-1].");
    }
  }
}
