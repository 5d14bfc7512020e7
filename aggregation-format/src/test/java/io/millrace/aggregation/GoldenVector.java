package io.millrace.aggregation;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.InflaterInputStream;

/**
 * What another writer was given and what it stored; docs/decisions/golden-vectors.md tells how they
 * were made.
 */
record GoldenVector(String name, List<Put> puts, List<Stored> stored) {
  /** One user record as the application gave it. */
  record Put(String partitionKey, Optional<String> explicitHashKey, ByteBuffer data) {}

  /** One Kinesis record as the writer sent it. */
  record Stored(String partitionKey, ByteBuffer data) {}

  static GoldenVector load(String name) {
    List<Put> puts = new ArrayList<>();
    List<Stored> stored = new ArrayList<>();
    for (String line : read("/golden/" + name + ".txt").lines().toList()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "put" -> puts.add(new Put(text(words[1]), hashKey(words[2]), content(words[3])));
        case "record" -> stored.add(new Stored(text(words[1]), content(words[2])));
        case "#" -> {}
        default -> throw new IllegalArgumentException("unknown line: " + words[0]);
      }
    }
    return new GoldenVector(name, puts, stored);
  }

  private static String read(String resource) {
    try (InputStream in = GoldenVector.class.getResourceAsStream(resource)) {
      return new String(
          Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<String> hashKey(String word) {
    return word.equals("-") ? Optional.empty() : Optional.of(text(word));
  }

  private static String text(String hex) {
    return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
  }

  private static ByteBuffer content(String word) {
    if (word.equals("=")) {
      return ByteBuffer.allocate(0);
    }
    return word.startsWith("z:")
        ? ByteBuffer.wrap(inflate(Base64.getDecoder().decode(word.substring(2))))
        : ByteBuffer.wrap(Base64.getDecoder().decode(word));
  }

  private static byte[] inflate(byte[] deflated) {
    try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(deflated))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Keys and data may be long: the name says which vector it is. */
  @Override
  public String toString() {
    return name;
  }
}
