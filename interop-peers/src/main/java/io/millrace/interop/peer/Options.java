package io.millrace.interop.peer;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A program's arguments: names, each followed by its value. Immutable. */
public final class Options {
  private final Map<String, String> values = new HashMap<>();

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException if a name has no value
   */
  public Options(String[] args) {
    if (args.length % 2 != 0) {
      throw new IllegalArgumentException(args[args.length - 1] + " has no value");
    }
    for (int i = 0; i < args.length; i += 2) {
      values.put(args[i], args[i + 1]);
    }
  }

  /**
   * A value that must be there.
   *
   * @throws IllegalArgumentException if it is not
   */
  public String get(String name) {
    return find(name).orElseThrow(() -> new IllegalArgumentException(name + " is missing"));
  }

  /** A value that may be there. */
  public Optional<String> find(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** The address of an endpoint. */
  public URI uri(String name) {
    return URI.create(get(name));
  }
}
