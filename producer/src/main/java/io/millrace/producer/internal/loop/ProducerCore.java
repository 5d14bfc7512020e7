package io.millrace.producer.internal.loop;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.aggregation.Headers;
import io.millrace.producer.ProducerInterceptor;
import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.producer.ProducerSettings.WhenShardFull;
import io.millrace.producer.ProducerStatus;
import io.millrace.producer.ProducerStatus.StreamStatus;
import io.millrace.producer.PutCallback;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.UnsentRecord;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.aggregate.IncomingRecord;
import io.millrace.producer.internal.aggregate.ShardBuffer.Appended;
import io.millrace.producer.internal.aggregate.SpareChunks;
import io.millrace.producer.internal.batch.Lanes;
import io.millrace.producer.internal.loop.RoomRequest.Answer;
import io.millrace.producer.internal.route.KeyHashes;
import io.millrace.producer.internal.send.KinesisPort;
import io.millrace.producer.internal.send.StreamAddress;
import io.millrace.producer.internal.settle.CallbackPool;
import io.millrace.producer.internal.settle.FailureText;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The producer without its thread: admits records, and hands out the loop that somebody must tick.
 *
 * <p>Thread-safe. Puts run on the callers' threads up to the buffer of their shard; everything
 * behind it is the loop's.
 */
public final class ProducerCore implements StreamProducer {
  private static final Logger LOG = LoggerFactory.getLogger(StreamProducer.class);

  /** A guard against stream names made from data; each stream costs memory for good. */
  private static final int MAX_STREAMS = 4_096;

  private final ProducerConfig config;
  private final CallbackPool callbacks;
  private final ByteBudget budget;
  private final AtomicInteger streamCount = new AtomicInteger();
  private final Admission admission;
  private final KeyHashes keyHashes = new KeyHashes();
  private final SpareChunks spareChunks;
  private final Wakeup wakeup = new Wakeup();
  private final AtomicLong deliveriesUnderWay = new AtomicLong();
  private final Map<String, StreamIntake> intakes = new ConcurrentHashMap<>();
  private final @Nullable ProducerMeters meters;
  private final ProducerLoop loop;

  /**
   * Wires a producer; starts nothing.
   *
   * @param registry gets the meters; null for none
   * @param random used by the loop only
   */
  public ProducerCore(
      ProducerConfig config,
      KinesisPort port,
      CallbackPool callbacks,
      @Nullable MeterRegistry registry,
      RandomGenerator random) {
    this.config = config;
    this.callbacks = callbacks;
    this.spareChunks = new SpareChunks(config.settings().bufferBytes());
    this.budget = new ByteBudget(config.settings().bufferBytes(), wakeup);
    this.admission = new Admission(budget, config.settings().maxBlock().toNanos(), wakeup);
    ProducerMeters meters =
        registry == null
            ? null
            : new ProducerMeters(
                registry, config.settings().meterLevel(), budget, this::tickedNanos);
    this.meters = meters;
    SendWindow window = new SendWindow(config.settings().bufferBytes());
    ServiceContact contact = new ServiceContact();
    Function<StreamIntake, StreamLoop> makeLoop =
        intake -> {
          Deliveries deliveries =
              new Deliveries(intake, callbacks, random, deliveriesUnderWay, this::wakeIfClosing);
          Lanes lanes =
              new Lanes(
                  intake.settings().ordering() == Ordering.PER_KEY,
                  lane -> deliveries.forget(lane.buffer()));
          FailureText text = new FailureText(intake.address(), port.location());
          return new StreamLoop(
              new StreamParts(
                  intake,
                  port,
                  lanes,
                  deliveries,
                  new StreamTrouble(text.where()),
                  text,
                  contact,
                  meters == null ? StreamMeters.NONE : meters.ofStream(intake),
                  random),
              window,
              wakeup);
        };
    this.loop = new ProducerLoop(admission, deliveriesUnderWay, wakeup, makeLoop);
  }

  /** What somebody must tick. */
  public ProducerLoop loop() {
    return loop;
  }

  private long tickedNanos() {
    return loop.tickedNanos();
  }

  /** How many puts and calls of whenRoomFor wait for room. */
  int waitingCount() {
    return admission.waitingCount();
  }

  /** Says how to wake whoever ticks the loop. */
  public void wakeBy(Runnable wake) {
    wakeup.to(wake);
  }

  private void wakeIfClosing() {
    if (loop.isClosing()) {
      wakeup.run();
    }
  }

  @Override
  public CompletableFuture<PutResult> put(String stream, String partitionKey, byte[] data) {
    Objects.requireNonNull(partitionKey, "partitionKey");
    Objects.requireNonNull(data, "data");
    if (!config.interceptors().isEmpty()) {
      return put(stream, UserRecord.of(partitionKey, data));
    }
    PutFuture future = new PutFuture();
    StreamIntake intake = intakeOf(stream);
    admit(
        intake,
        intake.checked(partitionKey, null, ByteBuffer.wrap(data), Headers.NONE, future),
        true);
    return future;
  }

  @Override
  public CompletableFuture<PutResult> put(String stream, UserRecord record) {
    PutFuture future = new PutFuture();
    put(stream, record, future);
    return future;
  }

  @Override
  public void put(String stream, UserRecord record, PutCallback callback) {
    Objects.requireNonNull(record, "record");
    Objects.requireNonNull(callback, "callback");
    StreamIntake intake = intakeOf(stream);
    admit(intake, intercepted(intake, record, callback), true);
  }

  @Override
  public Optional<CompletableFuture<PutResult>> tryPut(String stream, UserRecord record) {
    Objects.requireNonNull(record, "record");
    PutFuture future = new PutFuture();
    StreamIntake intake = intakeOf(stream);
    boolean admitted = admit(intake, intercepted(intake, record, future), false);
    return admitted ? Optional.of(future) : Optional.empty();
  }

  private IncomingRecord intercepted(StreamIntake intake, UserRecord record, PutCallback callback) {
    List<ProducerInterceptor> interceptors = config.interceptors();
    if (interceptors.isEmpty()) {
      return intake.checked(record, callback);
    }
    String stream = intake.address().text();
    UserRecord seen = record;
    for (ProducerInterceptor interceptor : interceptors) {
      seen =
          Objects.requireNonNull(
              interceptor.beforePut(stream, seen), "the record an interceptor returned");
    }
    return intake.checked(seen, new InterceptedCallback(stream, interceptors, callback));
  }

  private StreamIntake intakeOf(String stream) {
    StreamIntake known = intakes.get(Objects.requireNonNull(stream, "stream"));
    return known == null ? newIntake(stream) : known;
  }

  private StreamIntake newIntake(String stream) {
    StreamAddress address = StreamAddress.parse(stream);
    if (intakes.size() >= MAX_STREAMS) {
      throw new IllegalArgumentException(
          "stream '"
              + stream
              + "' would be one of more than "
              + MAX_STREAMS
              + " of this producer: use several producers");
    }
    return intakes.computeIfAbsent(
        stream,
        name -> {
          streamCount.incrementAndGet();
          StreamShare share = new StreamShare(budget, streamCount);
          StreamIntake intake =
              new StreamIntake(
                  address, config.settingsOf(name), keyHashes, share, spareChunks, wakeup);
          loop.register(intake);
          return intake;
        });
  }

  /**
   * Lets a record in, waiting if that is asked for and needed.
   *
   * @return false if there is no room and waiting was not asked for: the record is not accepted
   *     then. Every other outcome goes to the record's sink.
   */
  private boolean admit(StreamIntake intake, IncomingRecord record, boolean mayWait) {
    if (loop.isClosing()) {
      fail(intake, record, PutFailure.CLOSED, "the producer is closed");
      return true;
    }
    Optional<String> rule = ruleAgainst(intake, record);
    if (rule.isPresent()) {
      fail(intake, record, PutFailure.RECORD_REFUSED, "the record is refused: " + rule.get());
      return true;
    }
    Appended appended = intake.append(record, 0);
    return switch (appended) {
      case DONE -> true;
      case SEALED -> {
        failEnded(intake, record);
        yield true;
      }
      case NO_ROOM, SHARD_FULL -> {
        if (mayWait) {
          admitWaiting(intake, record, appended);
        }
        yield mayWait;
      }
    };
  }

  /** Only keyless records and headers can offend what was found out about a stream. */
  private static Optional<String> ruleAgainst(StreamIntake intake, IncomingRecord record) {
    return record.partitionKey() == null || !record.headers().isEmpty()
        ? intake.refusalOf(record)
        : Optional.empty();
  }

  private void admitWaiting(StreamIntake intake, IncomingRecord record, Appended refusal) {
    Appended appended = refusal;
    RoomRequest request = null;
    while (true) {
      String full = whyNotWait(intake, appended);
      if (full != null) {
        fail(intake, record, PutFailure.NO_ROOM, full);
        return;
      }
      request =
          new RoomRequest(record.worstCaseBytes(), intake.bufferFor(record), true)
              .succeeding(request);
      admission.enqueue(request);
      Answer answer = request.await();
      if (answer != Answer.GRANTED) {
        failUnadmitted(intake, record, answer);
        return;
      }
      appended = intake.append(record, request.grantedBytes());
      if (appended == Appended.DONE) {
        return;
      }
      budget.release(request.grantedBytes());
      if (appended == Appended.SEALED) {
        failEnded(intake, record);
        return;
      }
    }
  }

  private @Nullable String whyNotWait(StreamIntake intake, Appended refusal) {
    if (refusal == Appended.SHARD_FULL && intake.settings().whenShardFull() == WhenShardFull.FAIL) {
      return "the record's shard has used up its share of bufferBytes, and whenShardFull is FAIL";
    }
    if (config.settings().maxBlock().isZero()) {
      return "bufferBytes of " + budget.capacityBytes() + " is used up, and maxBlock is zero";
    }
    if (callbacks.isInCallback()) {
      return "bufferBytes of "
          + budget.capacityBytes()
          + " is used up, and a put on a callback thread must not wait: room is made by callbacks";
    }
    return null;
  }

  private void failUnadmitted(StreamIntake intake, IncomingRecord record, Answer answer) {
    switch (answer) {
      case TIMED_OUT ->
          fail(
              intake,
              record,
              PutFailure.NO_ROOM,
              "no room in bufferBytes of "
                  + budget.capacityBytes()
                  + " within maxBlock of "
                  + config.settings().maxBlock());
      case INTERRUPTED ->
          fail(
              intake,
              record,
              PutFailure.INTERRUPTED,
              "the thread was interrupted while it waited for room");
      case CLOSED, GRANTED ->
          fail(
              intake,
              record,
              PutFailure.CLOSED,
              "the producer was closed while it waited for room");
    }
  }

  private void failEnded(StreamIntake intake, IncomingRecord record) {
    if (intake.defect() != null) {
      fail(intake, record, PutFailure.DEFECT, "a defect ended the stream's loop");
    } else {
      fail(intake, record, PutFailure.CLOSED, "the producer is closed");
    }
  }

  /**
   * The record never got in. Its bytes are the caller's again when put returns, so the failure has
   * its own. A future may complete here, since nobody depends on it yet.
   */
  private void fail(StreamIntake intake, IncomingRecord record, PutFailure reason, String message) {
    byte[] data = new byte[record.data().remaining()];
    record.data().duplicate().get(data);
    UserRecord.Builder user = UserRecord.builder().data(data).headers(record.headers());
    if (record.partitionKey() != null) {
      user.partitionKey(record.partitionKey());
    }
    if (record.explicitHashKey() != null) {
      user.explicitHashKey(record.explicitHashKey());
    }
    PutFailedException failure =
        new PutFailedException(
            reason,
            "stream '" + intake.address().text() + "': " + message,
            false,
            user.build(),
            List.of(),
            intake.defect());
    intake.turnedAway(reason);
    if (record.sink() instanceof PutFuture future) {
      future.settled(null, failure);
    } else {
      callbacks.execute(() -> record.sink().settled(null, failure));
    }
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage relays to the returned future
  public CompletableFuture<Void> whenRoomFor(String stream, long bytes) {
    StreamIntake intake = intakeOf(stream);
    long most = config.settings().bufferBytes() / 2;
    if (bytes < 1 || bytes > most) {
      throw new IllegalArgumentException(
          "bytes is " + bytes + ": it must be from 1 to half of bufferBytes, " + most);
    }
    CompletableFuture<Void> room = new CompletableFuture<>();
    RoomRequest request = new RoomRequest(bytes, intake.lastFull(), false);
    request.whenComplete((answer, failure) -> callbacks.execute(() -> tell(intake, room, answer)));
    admission.enqueue(request);
    return room;
  }

  private static void tell(StreamIntake intake, CompletableFuture<Void> room, Answer answer) {
    if (answer == Answer.GRANTED) {
      room.complete(null);
    } else {
      room.completeExceptionally(
          new PutFailedException(
              PutFailure.CLOSED,
              "stream '" + intake.address().text() + "': the producer is closed",
              false,
              null,
              List.of(),
              null));
    }
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage relays to the returned future
  public CompletableFuture<Void> flush() {
    CompletableFuture<Void> flushed = new CompletableFuture<>();
    loop.flush()
        .whenComplete((nothing, failure) -> callbacks.execute(() -> flushed.complete(null)));
    return flushed;
  }

  @Override
  public ProducerStatus status() {
    long nowNanos = loop.tickedNanos();
    List<StreamStatus> streams = new ArrayList<>();
    long records = 0;
    long oldestNanos = 0;
    for (StreamLoop stream : loop.streams()) {
      StreamIntake intake = stream.intake();
      long outstanding = intake.outstandingCount();
      long ageNanos = outstanding == 0 ? 0 : intake.oldestAgeNanos(nowNanos);
      records += outstanding;
      oldestNanos = Math.max(oldestNanos, ageNanos);
      streams.add(
          new StreamStatus(
              intake.address().text(),
              outstanding,
              Duration.ofNanos(ageNanos),
              intake.openShards(),
              stream.trouble()));
    }
    return new ProducerStatus(records, budget.usedBytes(), Duration.ofNanos(oldestNanos), streams);
  }

  @Override
  public List<UnsentRecord> close(Duration drain) {
    if (drain.isNegative()) {
      throw new IllegalArgumentException("drain is " + drain + ": it must not be negative");
    }
    boolean first = !loop.isClosing();
    CompletableFuture<List<UnsentRecord>> done =
        loop.close(nanos(drain), !callbacks.isInCallback());
    List<UnsentRecord> unsent = await(done);
    if (first && meters != null) {
      meters.close();
    }
    return first ? unsent : List.of();
  }

  private static long nanos(Duration duration) {
    long most = Long.MAX_VALUE / 4;
    return duration.compareTo(Duration.ofNanos(most)) > 0 ? most : duration.toNanos();
  }

  private List<UnsentRecord> await(CompletableFuture<List<UnsentRecord>> done) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return done.get();
        } catch (InterruptedException e) {
          interrupted = true;
          loop.hurryClose();
        } catch (java.util.concurrent.ExecutionException e) {
          throw new IllegalStateException("a close never fails: this is a defect", e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    List<UnsentRecord> unsent = close(longestDelivery());
    if (!unsent.isEmpty()) {
      long unsure = unsent.stream().filter(UnsentRecord::mayHaveBeenWritten).count();
      LOG.warn(
          "closed with {} records not stored, {} of which may have been written; their futures"
              + " failed with CLOSED",
          unsent.size(),
          unsure);
    }
  }

  private Duration longestDelivery() {
    Duration longest = config.settings().deliveryTimeout();
    for (StreamIntake intake : intakes.values()) {
      Duration own = intake.settings().deliveryTimeout();
      longest = own.compareTo(longest) > 0 ? own : longest;
    }
    return longest;
  }
}
