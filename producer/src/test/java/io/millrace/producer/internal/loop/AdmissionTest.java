package io.millrace.producer.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.internal.aggregate.AggregatePool;
import io.millrace.producer.internal.aggregate.Packing;
import io.millrace.producer.internal.aggregate.ShardBuffer;
import io.millrace.producer.internal.aggregate.SpareChunks;
import io.millrace.producer.internal.loop.RoomRequest.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final long CAPACITY = 1 << 20;
  private static final long ASKED = 5_000;

  private final ByteBudget budget = new ByteBudget(CAPACITY, () -> {});
  private final Admission admission = new Admission(budget, 1_000, () -> {});
  private final ShardBuffer shard =
      new ShardBuffer(
          Packing.of(ProducerSettings.defaults()),
          new StreamShare(budget, new AtomicInteger(1)),
          new AggregatePool(Packing.of(ProducerSettings.defaults()), new SpareChunks(1 << 20)),
          buffer -> {});

  private RoomRequest asked(long bytes) {
    RoomRequest request = new RoomRequest(bytes, shard, true);
    admission.enqueue(request);
    return request;
  }

  @Test
  void whoeverIsLetInTakesRoomForTheNextPutsAlong() {
    RoomRequest request = asked(ASKED);
    admission.tick(0);
    assertThat(request).isCompletedWithValue(Answer.GRANTED);
    assertThat(request.grantedBytes()).isEqualTo(ASKED + 64 * 1024);
    assertThat(budget.usedBytes()).isEqualTo(request.grantedBytes());
  }

  @Test
  void allWhoWaitAreLetInBeforeAnyoneTakesMoreThanThereIs() {
    List<RoomRequest> requests = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      requests.add(asked(ASKED));
    }
    admission.tick(0);
    assertThat(requests).allSatisfy(r -> assertThat(r).isCompletedWithValue(Answer.GRANTED));
    long granted = requests.stream().mapToLong(RoomRequest::grantedBytes).sum();
    assertThat(granted).isGreaterThan(64 * ASKED).isLessThanOrEqualTo(CAPACITY);
    assertThat(budget.usedBytes()).isEqualTo(granted);
  }

  @Test
  void littleRoomIsGivenWithoutMore() {
    budget.takeRegardless(CAPACITY - ASKED);
    RoomRequest request = asked(ASKED);
    admission.tick(0);
    assertThat(request).isCompletedWithValue(Answer.GRANTED);
    assertThat(request.grantedBytes()).isEqualTo(ASKED);
    assertThat(budget.freeBytes()).isZero();
  }

  @Test
  void whoeverOnlyAsksToBeToldTakesNothing() {
    RoomRequest request = new RoomRequest(ASKED, null, false);
    admission.enqueue(request);
    admission.tick(0);
    assertThat(request).isCompletedWithValue(Answer.GRANTED);
    assertThat(budget.usedBytes()).isZero();
  }

  @Test
  void whoeverWasInterruptedTakesNothing() {
    RoomRequest request = asked(ASKED);
    request.complete(Answer.INTERRUPTED);
    admission.tick(0);
    assertThat(budget.usedBytes()).isZero();
  }
}
