package io.millrace.dynamodb.internal.row;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A condition expression with the names and values that stand in it. Every attribute name is
 * replaced by a placeholder ({@code #name}), because DynamoDB reserves several hundred words.
 *
 * <p>Immutable; pure.
 *
 * @param expression in DynamoDB's syntax
 * @param names from placeholder to attribute
 * @param values from placeholder to value
 */
public record Condition(
    String expression, Map<String, String> names, Map<String, AttributeValue> values) {

  static String placeholder(String attribute) {
    return "#" + attribute;
  }

  static Condition absent(String attribute) {
    return of("attribute_not_exists(" + placeholder(attribute) + ")", attribute, Map.of());
  }

  static Condition present(String attribute) {
    return of("attribute_exists(" + placeholder(attribute) + ")", attribute, Map.of());
  }

  static Condition equal(String attribute, String role, AttributeValue value) {
    return compare(attribute, "=", role, value);
  }

  static Condition differs(String attribute, String role, AttributeValue value) {
    return compare(attribute, "<>", role, value);
  }

  static Condition less(String attribute, String role, AttributeValue value) {
    return compare(attribute, "<", role, value);
  }

  static Condition all(Condition... parts) {
    return join(" AND ", parts);
  }

  static Condition any(Condition... parts) {
    return join(" OR ", parts);
  }

  private static Condition compare(
      String attribute, String operator, String role, AttributeValue value) {
    return of(placeholder(attribute) + " " + operator + " " + role, attribute, Map.of(role, value));
  }

  private static Condition of(
      String expression, String attribute, Map<String, AttributeValue> values) {
    return new Condition(expression, Map.of(placeholder(attribute), attribute), values);
  }

  private static Condition join(String operator, Condition... parts) {
    Map<String, String> names = new HashMap<>();
    Map<String, AttributeValue> values = new LinkedHashMap<>();
    for (Condition part : parts) {
      names.putAll(part.names);
      part.values.forEach(
          (role, value) -> {
            AttributeValue other = values.putIfAbsent(role, value);
            if (other != null && !other.equals(value)) {
              throw new IllegalArgumentException("two values for " + role);
            }
          });
    }
    String expression =
        Stream.of(parts).map(Condition::expression).collect(Collectors.joining(operator, "(", ")"));
    return new Condition(expression, names, values);
  }
}
