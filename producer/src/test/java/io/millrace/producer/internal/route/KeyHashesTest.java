package io.millrace.producer.internal.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.model.HashKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class KeyHashesTest {
  private final KeyHashes hashes = new KeyHashes();

  @Property(tries = 100)
  void agreesWithTheServiceWhetherRememberedOrNot(
      @ForAll @Size(max = 20) List<@AlphaChars String> keys, @ForAll @AlphaChars String key) {
    keys.forEach(hashes::hash);
    assertThat(hashes.hash(key)).isEqualTo(HashKey.ofPartitionKey(key));
    assertThat(hashes.hash(key)).isEqualTo(HashKey.ofPartitionKey(key));
  }

  @Test
  void keysThatCollideDontGetEachOthersHash() {
    // "Aa" and "BB" have the same hash code, and so have all texts made of them.
    List<String> same =
        List.of("AaAaAa", "AaAaBB", "AaBBAa", "AaBBBB", "BBAaAa", "BBAaBB", "BBBBAa", "BBBBBB");
    for (int round = 0; round < 20; round++) {
      for (String key : same) {
        assertThat(hashes.hash(key)).isEqualTo(HashKey.ofPartitionKey(key));
      }
    }
  }

  @Test
  void usualNumbersOfKeysAreRemembered() {
    Map<String, HashKey> first = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      first.put("user-" + i, hashes.hash("user-" + i));
    }
    // The very same object comes out of memory.
    long remembered = first.entrySet().stream().filter(this::isRemembered).count();
    assertThat(remembered).isGreaterThan(9_000);
  }

  @Test
  void keysBeyondItsMemoryDontDriveEachOtherOut() {
    Map<String, HashKey> known = new HashMap<>();
    for (int i = 0; i < 100_000; i++) {
      known.put("user-" + i, hashes.hash("user-" + i));
    }
    long remembered = known.entrySet().stream().filter(this::isRemembered).count();
    assertThat(remembered).isGreaterThan(15_000);
  }

  @SuppressWarnings("ReferenceEquality") // what was hashed again is another object
  private boolean isRemembered(Map.Entry<String, HashKey> known) {
    return hashes.hash(known.getKey()) == known.getValue();
  }

  @Test
  void textThatIsNoUtf8IsRefused() {
    assertThatThrownBy(() -> hashes.hash("\udc00")).isInstanceOf(IllegalArgumentException.class);
  }
}
