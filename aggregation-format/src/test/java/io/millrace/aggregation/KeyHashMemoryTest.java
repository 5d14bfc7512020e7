package io.millrace.aggregation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class KeyHashMemoryTest {
  private final KeyHashMemory memory = new KeyHashMemory();
  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void keysOfAnyLengthHaveTheirHashTheFirstTimeAndTheNext() {
    for (int length = 1; length <= 256; length++) {
      String key = text(length);
      assertThat(hash(key)).isEqualTo(HashKey.ofPartitionKey(key));
      assertThat(hash(key)).isEqualTo(HashKey.ofPartitionKey(key));
    }
  }

  @Test
  void keysBeyondAsciiAreHashedAsTheirText() {
    for (String key : new String[] {"caf\u00e9", "\u6c34\u8eca", "\uD83C\uDF0A"}) {
      assertThat(hash(key)).isEqualTo(HashKey.ofPartitionKey(key));
      assertThat(hash(key)).isEqualTo(HashKey.ofPartitionKey(key));
    }
  }

  @Test
  void farMoreKeysThanPlacesNeverMixUp() {
    for (int i = 0; i < 50_000; i++) {
      String key = "user-" + i;
      assertThat(hash(key)).isEqualTo(HashKey.ofPartitionKey(key));
    }
    for (int i = 0; i < 50_000; i += 7) {
      assertThat(hash("user-" + i)).isEqualTo(HashKey.ofPartitionKey("user-" + i));
    }
  }

  @Test
  void threadsThatTakeTheSameSlotsNeverMixUpKeys() throws Exception {
    List<String> rivals = new ArrayList<>();
    int slot = KeyHashMemory.firstSlot("rival".getBytes(UTF_8), 0, 5);
    for (int i = 0; rivals.size() < 5; i++) {
      byte[] key = ("rival-" + i).getBytes(UTF_8);
      if (KeyHashMemory.firstSlot(key, 0, key.length) == slot) {
        rivals.add("rival-" + i);
      }
    }
    List<HashKey> hashes = rivals.stream().map(HashKey::ofPartitionKey).toList();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> wrong = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int begin = thread;
        wrong.add(
            threads.submit(
                () -> {
                  int mixedUp = 0;
                  for (int i = begin; i < 100_000; i++) {
                    int rival = i * 7 % rivals.size();
                    mixedUp += hash(rivals.get(rival)).equals(hashes.get(rival)) ? 0 : 1;
                  }
                  return mixedUp;
                }));
      }
      for (Future<Integer> one : wrong) {
        assertThat(one.get()).isZero();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void rangeChecksWithAndWithoutAMemoryAgree() {
    HashRange half =
        new HashRange(HashKey.MIN, HashKey.parse("170141183460469231731687303715884105727"));
    int inside = 0;
    for (int i = 0; i < 2_000; i++) {
      AggregateEncoder encoder = new AggregateEncoder(1_000);
      for (int member = 0; member <= i % 3; member++) {
        encoder.tryAdd("key-" + random.nextInt(500), null, new byte[] {1}, Headers.NONE);
      }
      AggregatedRecord aggregate = (AggregatedRecord) AggregateDecoder.decode(encoder.finish());
      assertThat(aggregate.isWithin(half, memory)).isEqualTo(aggregate.isWithin(half));
      inside += aggregate.isWithin(half) ? 1 : 0;
    }
    assertThat(inside).isBetween(400, 1_600);
  }

  @Test
  void keysThatNoMemberUsesDontCount() {
    HashKey explicit = HashKey.ofPartitionKey("elsewhere");
    AggregateEncoder encoder = new AggregateEncoder(1_000);
    encoder.tryAdd("key", explicit, new byte[] {1}, Headers.NONE);
    AggregatedRecord aggregate = (AggregatedRecord) AggregateDecoder.decode(encoder.finish());

    assertThat(aggregate.isWithin(new HashRange(explicit, explicit), memory)).isTrue();
  }

  private HashKey hash(String key) {
    byte[] bytes = ("<" + key + ">").getBytes(UTF_8);
    return memory.hash(ByteBuffer.wrap(bytes), 1, bytes.length - 2);
  }

  private String text(int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }
}
