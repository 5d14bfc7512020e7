package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link BigInteger} and {@link MessageDigest} are the oracles. */
class HashKeyTest {
  private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);
  private static final BigInteger TWO_128 = BigInteger.ONE.shiftLeft(128);

  @ParameterizedTest
  @CsvSource({
    "a, 16955237001963240173058271559858726497",
    "b, 195289424170611159128911017612795795343",
    "é, 136732923097551493579404309126273812335"
  })
  void publishedCheckValuesHold(String partitionKey, String hashKey) {
    assertThat(HashKey.ofPartitionKey(partitionKey)).hasToString(hashKey);
  }

  @Property
  boolean hashIsTheMd5OfTheUtf8Bytes(@ForAll("encodableText") String partitionKey)
      throws NoSuchAlgorithmException {
    byte[] utf8 = partitionKey.getBytes(StandardCharsets.UTF_8);
    BigInteger md5 = new BigInteger(1, MessageDigest.getInstance("MD5").digest(utf8));
    return HashKey.ofPartitionKey(partitionKey).toString().equals(md5.toString())
        && HashKey.ofPartitionKey(ByteBuffer.wrap(utf8), 0, utf8.length)
            .equals(HashKey.ofPartitionKey(partitionKey));
  }

  @Test
  void everyLengthAroundTheBlocksOfTheDigestIsHashedRight() throws NoSuchAlgorithmException {
    for (int length = 0; length <= 300; length++) {
      for (String letter : new String[] {"x", "é", "水", "🌊"}) {
        String key = letter.repeat(length);
        byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
        BigInteger md5 = new BigInteger(1, MessageDigest.getInstance("MD5").digest(utf8));
        assertThat(HashKey.ofPartitionKey(key)).hasToString(md5.toString());
        ByteBuffer inside = ByteBuffer.allocateDirect(utf8.length + 7).put(3, utf8);
        assertThat(HashKey.ofPartitionKey(inside.asReadOnlyBuffer(), 3, utf8.length))
            .hasToString(md5.toString());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\uD83C", "\uDF0A", "a\uD83Cb", "\uDF0A\uD83C", "ab\uD83C"})
  void anUnpairedSurrogateIsRefused(String partitionKey) {
    assertThatThrownBy(() -> HashKey.ofPartitionKey(partitionKey))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("partition key")
        .hasMessageContaining("unpaired surrogate");
  }

  @Test
  void malformedUtf8HashesAsItsDecodedText() {
    byte[] malformed = {'k', (byte) 0xC3, 'x', (byte) 0xFF};
    String decoded = new String(malformed, StandardCharsets.UTF_8);
    assertThat(HashKey.ofPartitionKey(ByteBuffer.wrap(malformed), 0, malformed.length))
        .isEqualTo(HashKey.ofPartitionKey(decoded));
  }

  @Property
  boolean textIsThatOfBigInteger(@ForAll("keys") HashKey key) {
    String text = big(key).toString();
    return key.toString().equals(text)
        && key.decimalLength() == text.length()
        && HashKey.parse(text).equals(key);
  }

  @Test
  void everyPowerOfTenAndItsNeighboursRoundTrip() {
    BigInteger power = BigInteger.ONE;
    for (; power.compareTo(TWO_128) < 0; power = power.multiply(BigInteger.TEN)) {
      for (int offset = -1; offset <= 1; offset++) {
        String text = power.add(BigInteger.valueOf(offset)).toString();
        assertThat(HashKey.parse(text)).hasToString(text);
        assertThat(HashKey.parse(text).decimalLength()).isEqualTo(text.length());
      }
    }
  }

  @Property
  boolean orderIsThatOfBigInteger(@ForAll("keys") HashKey a, @ForAll("keys") HashKey b) {
    return Integer.signum(a.compareTo(b)) == big(a).compareTo(big(b));
  }

  @Property
  boolean arithmeticIsThatOfBigInteger(@ForAll("keys") HashKey a, @ForAll("keys") HashKey b) {
    return big(a.plus(b.high(), b.low())).equals(big(a).add(big(b)).mod(TWO_128))
        && big(a.minus(b)).equals(big(a).subtract(big(b)).mod(TWO_128));
  }

  @Property
  boolean nextAndPreviousAreNeighbours(@ForAll("keys") HashKey key) {
    return (key.equals(HashKey.MAX) || big(key.next()).equals(big(key).add(BigInteger.ONE)))
        && (key.equals(HashKey.MIN)
            || big(key.previous()).equals(big(key).subtract(BigInteger.ONE)));
  }

  @Test
  void theRingHasEnds() {
    assertThatThrownBy(HashKey.MAX::next).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(HashKey.MIN::previous).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @CsvSource(
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "0,0",
        "000,0",
        "+0,0",
        "+07,7",
        " 42,42",
        "42 ,42",
        "\t 42 ,42",
        "٤٢,42",
        "340282366920938463463374607431768211455,340282366920938463463374607431768211455",
        "+000340282366920938463463374607431768211455,340282366920938463463374607431768211455"
      })
  void explicitHashKeysAreReadLikeTheKplDoes(String text, String canonical) {
    assertThat(HashKey.parse(text)).hasToString(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "+",
        "-",
        "-1",
        "++1",
        "+-1",
        "1 2",
        "0x10",
        "1e3",
        "1.0",
        "abc",
        "340282366920938463463374607431768211456",
        "3402823669209384634633746074317682114550",
        "999999999999999999999999999999999999999",
        "115792089237316195423570985008687907853269984665640564039457584007913129639936"
      })
  void otherTextIsRefusedWithTheRuleAndWithoutTheValue(String text) {
    assertThatThrownBy(() -> HashKey.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("hash key is not a decimal integer from 0 to 2^128-1: ")
        .satisfies(e -> assertThat(text.length() < 3 || !e.getMessage().contains(text)).isTrue());
  }

  @Provide
  Arbitrary<String> encodableText() {
    return Arbitraries.strings()
        .ofMaxLength(130)
        .filter(text -> StandardCharsets.UTF_8.newEncoder().canEncode(text));
  }

  @Provide
  Arbitrary<HashKey> keys() {
    Arbitrary<HashKey> anyShape =
        Arbitraries.longs().tuple2().map(longs -> new HashKey(longs.get1(), longs.get2()));
    Arbitrary<HashKey> small = Arbitraries.longs().map(low -> new HashKey(0, low));
    return Arbitraries.oneOf(anyShape, small, Arbitraries.of(HashKey.MIN, HashKey.MAX));
  }

  private static BigInteger big(HashKey key) {
    return unsigned(key.high()).multiply(TWO_64).add(unsigned(key.low()));
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }
}
