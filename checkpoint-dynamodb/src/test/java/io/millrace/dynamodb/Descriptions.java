package io.millrace.dynamodb;

import java.time.Instant;
import java.util.List;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.DescribeTableResponse;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;

/** Tables as the service describes them. */
final class Descriptions {
  static final Instant CREATED_AT = Instant.ofEpochMilli(1_700_000_000_123L);

  private Descriptions() {}

  static TableDescription.Builder table(String name, String key, TableStatus status) {
    return TableDescription.builder()
        .tableName(name)
        .tableStatus(status)
        .creationDateTime(CREATED_AT)
        .tableSizeBytes(77L)
        .keySchema(List.of(part(key, KeyType.HASH)))
        .attributeDefinitions(List.of(attribute(key, ScalarAttributeType.S)));
  }

  static DescribeTableResponse described(TableDescription.Builder table) {
    return DescribeTableResponse.builder().table(table.build()).build();
  }

  static KeySchemaElement part(String attribute, KeyType type) {
    return KeySchemaElement.builder().attributeName(attribute).keyType(type).build();
  }

  static AttributeDefinition attribute(String name, ScalarAttributeType type) {
    return AttributeDefinition.builder().attributeName(name).attributeType(type).build();
  }
}
