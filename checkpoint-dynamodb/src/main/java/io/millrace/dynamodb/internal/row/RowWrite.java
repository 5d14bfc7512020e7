package io.millrace.dynamodb.internal.row;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** One conditional write of one row, as a value. Immutable. */
public sealed interface RowWrite {
  /** What the write depends on. */
  Condition condition();

  /**
   * Puts a row that must not exist yet; only such a write may replace a whole item.
   *
   * @param item the row
   * @param condition that there is no row with its key
   */
  record Create(Map<String, AttributeValue> item, Condition condition) implements RowWrite {}

  /**
   * Changes single attributes of a row and leaves all others alone.
   *
   * @param key the row's key
   * @param changes what is set and removed
   * @param condition on the row as it is
   */
  record Update(String key, Changes changes, Condition condition) implements RowWrite {}

  /**
   * Deletes a row.
   *
   * @param key the row's key
   * @param condition on the row as it is
   */
  record Delete(String key, Condition condition) implements RowWrite {}

  /** What an update sets and removes. Built by one thread, then only read. */
  final class Changes {
    private final List<String> sets = new ArrayList<>();
    private final List<String> removes = new ArrayList<>();
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, AttributeValue> values = new LinkedHashMap<>();

    Changes set(String attribute, AttributeValue value) {
      sets.add(name(attribute) + " = " + value(attribute, value));
      return this;
    }

    Changes setAll(Map<String, AttributeValue> attributes) {
      attributes.forEach(this::set);
      return this;
    }

    /** Sets the attribute where the row has none. */
    Changes setIfAbsent(String attribute, AttributeValue value) {
      String name = name(attribute);
      sets.add(name + " = if_not_exists(" + name + ", " + value(attribute, value) + ")");
      return this;
    }

    /** Adds 1; an absent number counts as 0. */
    Changes increment(String attribute) {
      String name = name(attribute);
      values.put(":zero", Attributes.number(0));
      values.put(":one", Attributes.number(1));
      sets.add(name + " = if_not_exists(" + name + ", :zero) + :one");
      return this;
    }

    /** Sets the attribute to what another one had before this write. */
    Changes copy(String attribute, String from) {
      sets.add(name(attribute) + " = " + name(from));
      return this;
    }

    Changes remove(String... attributes) {
      for (String attribute : attributes) {
        removes.add(name(attribute));
      }
      return this;
    }

    /** In DynamoDB's syntax. */
    public String expression() {
      return (sets.isEmpty() ? "" : "SET " + String.join(", ", sets))
          + (sets.isEmpty() || removes.isEmpty() ? "" : " ")
          + (removes.isEmpty() ? "" : "REMOVE " + String.join(", ", removes));
    }

    /** From placeholder to attribute. */
    public Map<String, String> names() {
      return names;
    }

    /** From placeholder to value. */
    public Map<String, AttributeValue> values() {
      return values;
    }

    private String name(String attribute) {
      String placeholder = Condition.placeholder(attribute);
      names.put(placeholder, attribute);
      return placeholder;
    }

    private String value(String attribute, AttributeValue value) {
      String placeholder = ":new_" + attribute;
      values.put(placeholder, value);
      return placeholder;
    }
  }
}
