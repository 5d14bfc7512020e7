import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;

/** What every writer is given, and the text form in which its Kinesis records are kept. */
final class Cases {
  /** One user record as the application would put it; the explicit hash key may be null. */
  record Put(String partitionKey, String explicitHashKey, byte[] data) {}

  /** A stored Kinesis record. */
  record Stored(String partitionKey, byte[] data) {}

  private static final String HIGHEST = "340282366920938463463374607431768211455";

  private Cases() {}

  static Map<String, List<Put>> all() {
    Map<String, List<Put>> cases = new LinkedHashMap<>();
    cases.put(
        "few-keys", List.of(put("a", "hello"), put("b", "world"), put("a", "again"), put("a", "")));
    cases.put("one-record", List.of(put("alone", "a lone record")));
    cases.put(
        "non-ascii-keys",
        List.of(
            put("é", "1"),
            put("水", "2"),
            put("\uD83C\uDF0A", "3"),
            put("mixed é水\uD83C\uDF0A", "4"),
            put("k".repeat(256), "5"),
            put("水".repeat(256), "6")));
    cases.put(
        "explicit-hash-keys",
        List.of(
            put("a", "0", "1"),
            put("a", HIGHEST, "2"),
            put("b", null, "3"),
            put("b", "42", "4"),
            put("c", "42", "5")));
    cases.put(
        "hash-keys-with-zeros",
        List.of(put("a", "007", "1"), put("a", "+8", "2"), put("a", "7", "3")));
    cases.put("hash-keys-with-blanks", List.of(put("a", " 9 ", "1"), put("a", "9", "2")));
    List<Put> manyKeys = new ArrayList<>();
    for (int i = 0; i < 130; i++) {
      manyKeys.add(put("key-" + i, String.valueOf(1000 + i), "v" + i));
    }
    cases.put("two-byte-indexes", manyKeys);
    cases.put(
        "length-boundaries",
        List.of(
            put("a", "x".repeat(127)),
            put("a", "x".repeat(128)),
            put("a", "x".repeat(16_383)),
            put("a", "x".repeat(16_384))));
    return cases;
  }

  /** The test resource: the puts, then the stored records; keys in hex, content in base64. */
  static String text(String madeBy, List<Put> puts, List<Stored> stored) {
    StringBuilder text = new StringBuilder("# made by " + madeBy + "\n");
    for (Put put : puts) {
      String hashKey = put.explicitHashKey == null ? "-" : hex(put.explicitHashKey);
      text.append("put ")
          .append(hex(put.partitionKey))
          .append(' ')
          .append(hashKey)
          .append(' ')
          .append(content(put.data))
          .append('\n');
    }
    for (Stored record : stored) {
      text.append("record ")
          .append(hex(record.partitionKey))
          .append(' ')
          .append(content(record.data))
          .append('\n');
    }
    return text.toString();
  }

  private static Put put(String partitionKey, String data) {
    return put(partitionKey, null, data);
  }

  private static Put put(String partitionKey, String explicitHashKey, String data) {
    return new Put(partitionKey, explicitHashKey, data.getBytes(StandardCharsets.UTF_8));
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  /** An equals sign stands for no bytes; long content is deflated, which a leading z: says. */
  private static String content(byte[] bytes) {
    if (bytes.length == 0) {
      return "=";
    }
    return bytes.length > 4096 ? "z:" + base64(deflated(bytes)) : base64(bytes);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] deflated(byte[] bytes) {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(compressed)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return compressed.toByteArray();
  }
}
