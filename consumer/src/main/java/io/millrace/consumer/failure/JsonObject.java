package io.millrace.consumer.failure;

/** Writes one flat JSON object. Confined to one thread. */
final class JsonObject {
  private final StringBuilder out = new StringBuilder(512).append('{');
  private boolean any;

  void number(String name, long value) {
    name(name);
    out.append(value);
  }

  void text(String name, String value) {
    name(name);
    quote(value);
  }

  /** Begins a field that is a list of pairs. */
  void pairs(String name) {
    name(name);
    out.append('[');
    any = false;
  }

  void pair(String first, String second) {
    comma();
    out.append('[');
    quote(first);
    out.append(',');
    quote(second);
    out.append(']');
  }

  void endPairs() {
    out.append(']');
    any = true;
  }

  String end() {
    return out.append('}').toString();
  }

  private void name(String name) {
    comma();
    quote(name);
    out.append(':');
  }

  private void comma() {
    if (any) {
      out.append(',');
    }
    any = true;
  }

  /** Escapes what JSON forbids in strings, and lone surrogates, which have no UTF-8. */
  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char next = text.charAt(i);
      if (next == '"' || next == '\\') {
        out.append('\\').append(next);
      } else if (next < ' ' || Character.isSurrogate(next)) {
        out.append(String.format("\\u%04x", (int) next));
      } else {
        out.append(next);
      }
    }
    out.append('"');
  }
}
