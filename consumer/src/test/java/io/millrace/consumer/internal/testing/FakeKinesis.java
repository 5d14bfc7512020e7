package io.millrace.consumer.internal.testing;

import io.millrace.consumer.internal.fetch.ChildShard;
import io.millrace.consumer.internal.fetch.FanOutPort;
import io.millrace.consumer.internal.fetch.FetchPort;
import io.millrace.consumer.internal.fetch.FetchedRecords;
import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import io.millrace.consumer.internal.fetch.ReadFrom;
import io.millrace.consumer.internal.fetch.Reply;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Shards in memory behind the ports. Answers at once unless it is told to hold; faults are
 * scripted. Iterators are the index of the next record, and the generation in which they are valid.
 */
public final class FakeKinesis implements FetchPort, FanOutPort {
  private final Map<ShardId, Shard> shards = new HashMap<>();
  private final ArrayDeque<KinesisFault> readFaults = new ArrayDeque<>();
  private final ArrayDeque<KinesisFault> iteratorFaults = new ArrayDeque<>();
  private final ArrayDeque<KinesisFault> describeFaults = new ArrayDeque<>();
  private final ArrayDeque<KinesisFault> registerFaults = new ArrayDeque<>();
  private final ArrayDeque<KinesisFault> subscribeFaults = new ArrayDeque<>();
  private final List<Runnable> held = new ArrayList<>();
  private int generation;
  private boolean holds;
  private boolean loses;
  private boolean readsDenied;
  private int describesUntilActive;
  private boolean registered = true;

  /** Reads that were asked for, as "limit@index". */
  public final List<String> reads = new ArrayList<>();

  /** Where iterators and subscriptions were asked for. */
  public final List<ReadFrom> positions = new ArrayList<>();

  /** Running subscriptions, and those that were. */
  public final List<FakeSubscription> subscriptions = new ArrayList<>();

  /** How often a consumer was registered. */
  public int registrations;

  private static final class Shard {
    private final List<KinesisRecord> records = new ArrayList<>();
    private boolean closed;
    private List<ChildShard> children = List.of();
    private int trimmed;
  }

  private Shard shard(ShardId id) {
    return shards.computeIfAbsent(id, key -> new Shard());
  }

  /** Appends records to a shard. */
  public void put(ShardId shard, List<KinesisRecord> records) {
    shard(shard).records.addAll(records);
    subscriptions.forEach(FakeSubscription::pump);
  }

  /** Appends records to a shard. */
  public void put(ShardId shard, KinesisRecord... records) {
    put(shard, List.of(records));
  }

  /** Closes a shard. */
  public void close(ShardId shard, ChildShard... children) {
    shard(shard).closed = true;
    shard(shard).children = List.of(children);
    subscriptions.forEach(FakeSubscription::pump);
  }

  /** Lets the oldest records of a shard go. */
  public void trim(ShardId shard, int count) {
    shard(shard).trimmed = count;
  }

  /** The next reads fail. */
  public void failReads(KinesisFault.Kind... kinds) {
    for (KinesisFault.Kind kind : kinds) {
      readFaults.add(fault(kind));
    }
  }

  /** All reads are throttled, or no longer. */
  public void denyReads(boolean deny) {
    readsDenied = deny;
  }

  /** The next requests for an iterator fail. */
  public void failIterators(KinesisFault.Kind... kinds) {
    for (KinesisFault.Kind kind : kinds) {
      iteratorFaults.add(fault(kind));
    }
  }

  /** The next descriptions of a consumer fail. */
  public void failDescribes(KinesisFault.Kind... kinds) {
    for (KinesisFault.Kind kind : kinds) {
      describeFaults.add(fault(kind));
    }
  }

  /** The next registrations fail. */
  public void failRegistrations(KinesisFault.Kind... kinds) {
    for (KinesisFault.Kind kind : kinds) {
      registerFaults.add(fault(kind));
    }
  }

  /** The next subscriptions fail. */
  public void failSubscriptions(KinesisFault.Kind... kinds) {
    for (KinesisFault.Kind kind : kinds) {
      subscribeFaults.add(fault(kind));
    }
  }

  /** No consumer exists; one that is registered is active after so many descriptions. */
  public void withoutConsumer(int describes) {
    registered = false;
    describesUntilActive = describes;
  }

  /** All iterators given out so far are expired. */
  public void expireIterators() {
    generation++;
  }

  /** Replies wait for {@link #letGo}. */
  public void hold() {
    holds = true;
  }

  /** Replies never come. */
  public void loseReplies(boolean lose) {
    loses = lose;
  }

  /** Replies that wait come now, in their order, and later ones at once. */
  public void letGo() {
    holds = false;
    List<Runnable> now = List.copyOf(held);
    held.clear();
    now.forEach(Runnable::run);
  }

  private static KinesisFault fault(KinesisFault.Kind kind) {
    return new KinesisFault(kind, kind.name(), "scripted");
  }

  private <T> CompletionStage<Reply<T>> answer(Reply<T> reply) {
    CompletableFuture<Reply<T>> stage = new CompletableFuture<>();
    if (loses) {
      return stage;
    }
    if (holds) {
      held.add(() -> stage.complete(reply));
    } else {
      stage.complete(reply);
    }
    return stage;
  }

  private int indexOf(Shard shard, ReadFrom from) {
    int index;
    if (from instanceof ReadFrom.At at) {
      index = firstFrom(shard, at.sequenceNumber(), true);
    } else if (from instanceof ReadFrom.After after) {
      index = firstFrom(shard, after.sequenceNumber(), false);
    } else if (from instanceof ReadFrom.AtTimestamp at) {
      index = 0;
      while (index < shard.records.size()
          && shard.records.get(index).arrival().isBefore(at.timestamp())) {
        index++;
      }
    } else {
      index = from instanceof ReadFrom.Latest ? shard.records.size() : 0;
    }
    return Math.max(index, shard.trimmed);
  }

  private static int firstFrom(Shard shard, SequenceNumber sequence, boolean inclusive) {
    int index = 0;
    while (index < shard.records.size()) {
      int order = shard.records.get(index).sequenceNumber().compareTo(sequence);
      if (order > 0 || (inclusive && order == 0)) {
        return index;
      }
      index++;
    }
    return index;
  }

  @Override
  public CompletionStage<Reply<String>> shardIterator(String streamArn, ShardId id, ReadFrom from) {
    positions.add(from);
    KinesisFault fault = iteratorFaults.poll();
    return answer(
        fault != null
            ? new Reply.Failed<>(fault)
            : new Reply.Ok<>(id.value() + ":" + indexOf(shard(id), from) + ":" + generation));
  }

  @Override
  public CompletionStage<Reply<FetchedRecords>> read(String streamArn, String iterator, int limit) {
    String[] parts = iterator.split(":", -1);
    int index = Integer.parseInt(parts[1]);
    reads.add(limit + "@" + index);
    KinesisFault fault = readsDenied ? fault(KinesisFault.Kind.THROTTLED) : readFaults.poll();
    if (fault == null && Integer.parseInt(parts[2]) < generation) {
      fault = fault(KinesisFault.Kind.EXPIRED_ITERATOR);
    }
    return answer(
        fault != null
            ? new Reply.Failed<>(fault)
            : new Reply.Ok<>(
                slice(
                    new ShardId(parts[0]),
                    Math.max(index, shard(new ShardId(parts[0])).trimmed),
                    limit,
                    true)));
  }

  /** What is there from an index on. */
  private FetchedRecords slice(ShardId id, int index, int limit, boolean iterator) {
    Shard shard = shard(id);
    int end = Math.min(shard.records.size(), index + limit);
    boolean atEnd = shard.closed && end == shard.records.size();
    String next =
        iterator
            ? id.value() + ":" + end + ":" + generation
            : end == 0 ? "0" : shard.records.get(end - 1).sequenceNumber().toString();
    return new FetchedRecords(
        shard.records.subList(index, end),
        atEnd ? Optional.empty() : Optional.of(next),
        Duration.ofMillis(shard.records.size() - end),
        atEnd ? shard.children : List.of());
  }

  @Override
  public CompletionStage<Reply<StreamConsumerInfo>> describeConsumer(
      String streamArn, String name) {
    KinesisFault fault = describeFaults.poll();
    if (fault == null && !registered) {
      fault = fault(KinesisFault.Kind.NOT_FOUND);
    }
    if (fault != null) {
      return answer(new Reply.Failed<>(fault));
    }
    boolean active = describesUntilActive-- <= 0;
    return answer(new Reply.Ok<>(new StreamConsumerInfo(streamArn + "/consumer/" + name, active)));
  }

  @Override
  public CompletionStage<Reply<StreamConsumerInfo>> registerConsumer(
      String streamArn, String name) {
    registrations++;
    KinesisFault fault = registerFaults.poll();
    if (fault != null) {
      return answer(new Reply.Failed<>(fault));
    }
    registered = true;
    return answer(new Reply.Ok<>(new StreamConsumerInfo(streamArn + "/consumer/" + name, false)));
  }

  @Override
  public Subscription subscribe(String consumerArn, ShardId id, ReadFrom from, Listener listener) {
    positions.add(from);
    FakeSubscription subscription = new FakeSubscription(id, indexOf(shard(id), from), listener);
    subscriptions.add(subscription);
    KinesisFault fault = subscribeFaults.poll();
    if (fault != null) {
      subscription.over = true;
      listener.onFault(fault);
    } else if (!loses) {
      listener.onSubscribed();
    }
    return subscription;
  }

  /** A subscription that the test can end or break. */
  public final class FakeSubscription implements Subscription {
    private final ShardId id;
    private final Listener listener;
    private int index;
    private long wanted;
    private boolean over;

    /** How many records an event holds. */
    public int eventRecords = 2;

    FakeSubscription(ShardId id, int index, Listener listener) {
      this.id = id;
      this.index = index;
      this.listener = listener;
    }

    @Override
    public void request(long events) {
      wanted += events;
      pump();
    }

    @Override
    public void cancel() {
      over = true;
    }

    /** Whether it runs. */
    public boolean isRunning() {
      return !over;
    }

    /** How many events were requested and not sent. */
    public long wanted() {
      return wanted;
    }

    void pump() {
      Shard shard = shard(id);
      while (!over && wanted > 0 && (index < shard.records.size() || shard.closed)) {
        wanted--;
        FetchedRecords event = slice(id, index, eventRecords, false);
        index = Math.min(shard.records.size(), index + eventRecords);
        over = event.endOfShard();
        listener.onEvent(event);
      }
    }

    /** Sends an event without records. */
    public void heartbeat() {
      wanted--;
      listener.onEvent(slice(id, index, 0, false));
    }

    /** The five minutes are over. */
    public void end() {
      over = true;
      listener.onEnd();
    }

    /** It breaks. */
    public void breakOff(KinesisFault.Kind kind) {
      over = true;
      listener.onFault(fault(kind));
    }
  }
}
