package io.millrace.dynamodb.internal.row;

import io.millrace.consumer.lease.LeaseStoreException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Reads the attributes of one item. What is there in another type than expected is a malformed row;
 * the message names row and attribute, never the value. Immutable view.
 */
final class Attributes {
  private final Map<String, AttributeValue> item;
  private final String keyAttribute;

  Attributes(Map<String, AttributeValue> item, String keyAttribute) {
    this.item = item;
    this.keyAttribute = keyAttribute;
  }

  static AttributeValue text(String value) {
    return AttributeValue.fromS(value);
  }

  static AttributeValue number(long value) {
    return AttributeValue.fromN(Long.toString(value));
  }

  static AttributeValue bytes(byte[] value) {
    return AttributeValue.fromB(SdkBytes.fromByteArray(value));
  }

  /** A string set in a stable order; the caller leaves out an empty one, which DynamoDB refuses. */
  static AttributeValue texts(Collection<String> values) {
    return AttributeValue.fromSs(List.copyOf(new TreeSet<>(values)));
  }

  String requiredText(String name) {
    @Nullable String value = optionalText(name);
    if (value == null) {
      throw malformed(name, "is missing", null);
    }
    return value;
  }

  @Nullable String optionalText(String name) {
    @Nullable AttributeValue value = present(name);
    if (value == null) {
      return null;
    }
    @Nullable String text = value.s();
    if (text == null || text.isEmpty()) {
      throw malformed(name, "must be a non-empty string (S)", null);
    }
    return text;
  }

  long requiredLong(String name) {
    if (present(name) == null) {
      throw malformed(name, "is missing", null);
    }
    return longOr(name, 0);
  }

  long longOr(String name, long absent) {
    @Nullable Long value =
        parsed(name, number(name), Long::parseLong, "must be a whole number of 64 bits (N)");
    return value == null ? absent : value;
  }

  double doubleOr(String name, double absent) {
    @Nullable Double value =
        parsed(name, number(name), Double::parseDouble, "must be a number (N)");
    return value == null ? absent : value;
  }

  List<String> texts(String name) {
    @Nullable AttributeValue value = present(name);
    if (value == null) {
      return List.of();
    }
    if (!value.hasSs()) {
      throw malformed(name, "must be a string set (SS)", null);
    }
    return value.ss();
  }

  List<AttributeValue> list(String name) {
    @Nullable AttributeValue value = present(name);
    if (value == null) {
      return List.of();
    }
    if (!value.hasL()) {
      throw malformed(name, "must be a list (L)", null);
    }
    return value.l();
  }

  /** The bytes; none for an absent attribute and for one of another type. */
  byte[] bytesIfAny(String name) {
    @Nullable AttributeValue value = item.get(name);
    return value == null || value.b() == null ? new byte[0] : value.b().asByteArray();
  }

  /** The text turned into a value; null when the attribute is absent. */
  <T> @Nullable T parsed(String name, Function<String, T> parser, String rule) {
    return parsed(name, optionalText(name), parser, rule);
  }

  LeaseStoreException malformed(String name, String rule, @Nullable Throwable cause) {
    @Nullable AttributeValue key = item.get(keyAttribute);
    String message = "row '" + (key == null ? "?" : key.s()) + "': attribute " + name + " " + rule;
    return cause == null
        ? new LeaseStoreException(LeaseStoreException.Reason.MALFORMED_ROW, message)
        : new LeaseStoreException(LeaseStoreException.Reason.MALFORMED_ROW, message, cause);
  }

  private <T> @Nullable T parsed(
      String name, @Nullable String text, Function<String, T> parser, String rule) {
    if (text == null) {
      return null;
    }
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw malformed(name, rule, e);
    }
  }

  private @Nullable String number(String name) {
    @Nullable AttributeValue value = present(name);
    if (value == null) {
      return null;
    }
    if (value.n() == null) {
      throw malformed(name, "must be a number (N)", null);
    }
    return value.n();
  }

  private @Nullable AttributeValue present(String name) {
    return item.get(name);
  }
}
