package io.millrace.testkit.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a small request, by name. An absent field and a null are the same. Immutable. The
 * getters throw a {@link WireException} where a field has another type.
 *
 * <p>PutRecords, whose body is large, is read as a stream instead.
 */
public final class RequestFields {
  private static final long MAX_EPOCH_MILLIS = 253_402_300_799_999L;
  private static final RequestFields NONE = new RequestFields(Map.of());

  private final Map<String, Object> values;

  private RequestFields(Map<String, Object> values) {
    this.values = values;
  }

  /** Reads an object; an empty body counts as an empty object. */
  public static RequestFields read(JsonParser parser) throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null) {
      return NONE;
    }
    if (first != JsonToken.START_OBJECT) {
      throw WireException.unreadable("The body must be an object.");
    }
    return object(parser);
  }

  private static RequestFields object(JsonParser parser) throws IOException {
    Map<String, Object> values = new HashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      Object value = value(parser, parser.nextToken());
      if (value != null) {
        values.put(name, value);
      }
    }
    return new RequestFields(values);
  }

  private static @Nullable Object value(JsonParser parser, @Nullable JsonToken token)
      throws IOException {
    if (token == null) {
      throw WireException.unreadable("The body ends early.");
    }
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_EMBEDDED_OBJECT -> parser.getBinaryValue();
      case VALUE_NULL -> null;
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME ->
          throw WireException.unreadable("The body has a value out of place.");
    };
  }

  private static List<@Nullable Object> array(JsonParser parser) throws IOException {
    List<@Nullable Object> values = new ArrayList<>();
    JsonToken token;
    while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
      values.add(value(parser, token));
    }
    return values;
  }

  /** A string, or null. */
  public @Nullable String text(String name) {
    Object value = values.get(name);
    if (value == null || value instanceof String) {
      return (String) value;
    }
    throw wrongType(name, "a string");
  }

  /** A 32-bit integer, or null. */
  public @Nullable Integer integer(String name) {
    Object value = values.get(name);
    if (value == null) {
      return null;
    }
    if (value instanceof Long number && number.intValue() == number) {
      return number.intValue();
    }
    throw wrongType(name, "an integer");
  }

  boolean flag(String name) {
    Object value = values.get(name);
    if (value == null || value instanceof Boolean) {
      return Boolean.TRUE.equals(value);
    }
    throw wrongType(name, "a boolean");
  }

  /**
   * A timestamp, or null. In Kinesis' CBOR whole numbers are milliseconds, as the SDKs write them;
   * everything else is in seconds.
   */
  public @Nullable Instant timestamp(String name, WireFormat format) {
    Object value = values.get(name);
    if (value == null) {
      return null;
    }
    if (!(value instanceof Number number)) {
      throw wrongType(name, "a timestamp");
    }
    boolean millis = format == WireFormat.CBOR && value instanceof Long;
    double epochMillis = millis ? number.doubleValue() : number.doubleValue() * 1000;
    if (!(Math.abs(epochMillis) <= MAX_EPOCH_MILLIS)) {
      throw wrongType(name, "a timestamp before the year 10000");
    }
    return Instant.ofEpochMilli(millis ? number.longValue() : Math.round(epochMillis));
  }

  @Nullable ByteBuffer binary(String name) {
    Object value = values.get(name);
    if (value == null) {
      return null;
    }
    if (value instanceof byte[] bytes) {
      return ByteBuffer.wrap(bytes);
    }
    if (value instanceof String base64) {
      try {
        return ByteBuffer.wrap(Base64.getDecoder().decode(base64));
      } catch (IllegalArgumentException e) {
        throw WireException.unreadable("Field " + name + " is not valid Base64.");
      }
    }
    throw wrongType(name, "a blob");
  }

  /** An object, empty if absent. */
  public RequestFields object(String name) {
    Object value = values.get(name);
    if (value == null) {
      return NONE;
    }
    if (value instanceof RequestFields fields) {
      return fields;
    }
    throw wrongType(name, "an object");
  }

  /** Whether the field is there and not null. */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** A floating-point number, or null. */
  public @Nullable Double number(String name) {
    Object value = values.get(name);
    if (value == null) {
      return null;
    }
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw wrongType(name, "a number");
  }

  /** A list of floating-point numbers, empty if absent. */
  public List<Double> numbers(String name) {
    List<Double> numbers = new ArrayList<>();
    for (Object element : list(name)) {
      if (!(element instanceof Number number)) {
        throw wrongType(name, "a list of numbers");
      }
      numbers.add(number.doubleValue());
    }
    return numbers;
  }

  /** A list of objects, empty if absent. */
  public List<RequestFields> objects(String name) {
    List<RequestFields> objects = new ArrayList<>();
    for (Object element : list(name)) {
      if (!(element instanceof RequestFields fields)) {
        throw wrongType(name, "a list of objects");
      }
      objects.add(fields);
    }
    return objects;
  }

  private List<?> list(String name) {
    Object value = values.get(name);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    throw wrongType(name, "a list");
  }

  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    for (Object element : list(name)) {
      if (!(element instanceof String text)) {
        throw wrongType(name, "a list of strings");
      }
      texts.add(text);
    }
    return texts;
  }

  Map<String, String> textMap(String name) {
    RequestFields entries = object(name);
    Map<String, String> texts = new HashMap<>();
    for (String key : entries.values.keySet()) {
      String text = entries.text(key);
      if (text != null) {
        texts.put(key, text);
      }
    }
    return texts;
  }

  <E extends Enum<E>> @Nullable E choice(String name, Class<E> type) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(text)) {
        return constant;
      }
    }
    throw invalid(
        name,
        "'" + text + "'",
        "Member must satisfy enum value set: " + Arrays.toString(type.getEnumConstants()));
  }

  <E extends Enum<E>> E requiredChoice(String name, Class<E> type) {
    E choice = choice(name, type);
    if (choice == null) {
      throw invalid(name, "null", "Member must not be null");
    }
    return choice;
  }

  StreamRef stream() {
    String name = text("StreamName");
    String arn = text("StreamARN");
    return name == null && arn == null ? StreamRef.NONE : new StreamRef(name, arn);
  }

  private static KinesisError invalid(String name, String value, String rule) {
    String member = name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    return new KinesisError(
        ErrorCode.VALIDATION,
        "1 validation error detected: Value "
            + value
            + " at '"
            + member
            + "' failed to satisfy constraint: "
            + rule);
  }

  private static WireException wrongType(String name, String wanted) {
    return WireException.unreadable("Field " + name + " must be " + wanted + ".");
  }
}
