package io.millrace.dynamodb;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a scan in parallel segments stands, as one page token. Immutable.
 *
 * @param segments into how many parts the scan is divided
 * @param open the parts that are not read to their end
 */
record ScanCursor(int segments, List<Segment> open) {
  private static final String BETWEEN = ".";

  ScanCursor {
    open = List.copyOf(open);
  }

  /**
   * One part of the scan.
   *
   * @param number which part, counted from 0
   * @param after the last key that was read; null if none was
   */
  record Segment(int number, @Nullable String after) {}

  /** Before the first page. */
  static ScanCursor start(int segments) {
    List<Segment> all = new ArrayList<>();
    for (int number = 0; number < segments; number++) {
      all.add(new Segment(number, null));
    }
    return new ScanCursor(segments, all);
  }

  /**
   * Reads a token back.
   *
   * @throws IllegalArgumentException if it is not a token
   */
  static ScanCursor parse(String token) {
    try {
      String[] parts = token.split("\\" + BETWEEN, -1);
      int segments = Integer.parseInt(parts[0]);
      List<Segment> open = new ArrayList<>();
      for (int i = 1; i < parts.length; i += 2) {
        byte[] key = Base64.getUrlDecoder().decode(parts[i + 1]);
        open.add(
            new Segment(
                Integer.parseInt(parts[i]),
                key.length == 0 ? null : new String(key, StandardCharsets.UTF_8)));
      }
      return new ScanCursor(segments, open);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("page token is not one that listLeases gave", e);
    }
  }

  /** The token; null when every part is read to its end. */
  @Nullable String token() {
    if (open.isEmpty()) {
      return null;
    }
    StringBuilder token = new StringBuilder().append(segments);
    for (Segment segment : open) {
      String after = segment.after() == null ? "" : segment.after();
      token
          .append(BETWEEN)
          .append(segment.number())
          .append(BETWEEN)
          .append(
              Base64.getUrlEncoder()
                  .withoutPadding()
                  .encodeToString(after.getBytes(StandardCharsets.UTF_8)));
    }
    return token.toString();
  }
}
