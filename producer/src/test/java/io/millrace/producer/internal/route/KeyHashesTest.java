package io.millrace.producer.internal.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.model.HashKey;
import java.util.List;
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
    // "Aa" and "BB" have the same hash code.
    for (String key : List.of("Aa", "BB", "Aa", "BB")) {
      assertThat(hashes.hash(key)).isEqualTo(HashKey.ofPartitionKey(key));
    }
  }

  @Test
  void textThatIsNoUtf8IsRefused() {
    assertThatThrownBy(() -> hashes.hash("\udc00")).isInstanceOf(IllegalArgumentException.class);
  }
}
