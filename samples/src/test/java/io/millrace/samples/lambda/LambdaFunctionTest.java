package io.millrace.samples.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.Headers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LambdaFunctionTest {
  private final List<String> handled = new ArrayList<>();

  @Test
  void plainRecordsAndMembersOfAggregatesAreHandledInOrder() throws IOException {
    assertThat(
            run(
                "plain".getBytes(UTF_8),
                aggregate("a", "1", "b", "2", "a", "3"),
                "last".getBytes(UTF_8)))
        .isEqualTo("{\"batchItemFailures\":[]}");
    assertThat(handled).containsExactly("own=plain", "a=1", "b=2", "a=3", "own=last");
  }

  @Test
  void failureIsReportedByItsKinesisRecordAndEndsTheBatch() throws IOException {
    assertThat(
            run(
                "fine".getBytes(UTF_8),
                aggregate("a", "1", "b", "poison", "c", "3"),
                "later".getBytes(UTF_8)))
        .isEqualTo("{\"batchItemFailures\":[{\"itemIdentifier\":\"49590001\"}]}");
    assertThat(handled).containsExactly("own=fine", "a=1");
  }

  @Test
  void unreadableAggregateIsAFailureAndNotHandledAsARecord() throws IOException {
    byte[] aggregate = aggregate("a", "1", "b", "2");
    byte[] fromAnotherTable = withoutKeys(aggregate);
    assertThat(run(fromAnotherTable)).contains("49590000");
    assertThat(handled).isEmpty();
  }

  @Test
  void bytesThatOnlyBeginLikeAnAggregateAreAPlainRecord() throws IOException {
    byte[] cut = Arrays.copyOf(aggregate("a", "1", "b", "2"), 30);
    assertThat(run(cut)).isEqualTo("{\"batchItemFailures\":[]}");
    assertThat(handled).hasSize(1);
  }

  @Test
  void emptyEventIsNothingToDo() throws IOException {
    assertThat(run()).isEqualTo("{\"batchItemFailures\":[]}");
  }

  private String run(byte[]... records) throws IOException {
    ByteArrayOutputStream result = new ByteArrayOutputStream();
    new LambdaFunction(
            (key, data) -> {
              String text = UTF_8.decode(data).toString();
              if (text.equals("poison")) {
                throw new IllegalStateException("can't");
              }
              handled.add(key + "=" + text);
            })
        .handleRequest(event(records), result);
    return result.toString(UTF_8);
  }

  /** As in Lambda's documentation, shortened. */
  private static InputStream event(byte[]... records) {
    String json =
        IntStream.range(0, records.length)
            .mapToObj(
                i ->
                    """
                    {
                      "kinesis": {
                        "kinesisSchemaVersion": "1.0",
                        "partitionKey": "own",
                        "sequenceNumber": "4959000%d",
                        "data": "%s",
                        "approximateArrivalTimestamp": 1545084650.987
                      },
                      "eventSource": "aws:kinesis",
                      "eventID": "shardId-000000000006:4959000%d",
                      "eventSourceARN": "arn:aws:kinesis:us-east-2:123456789012:stream/clicks"
                    }
                    """
                        .formatted(i, Base64.getEncoder().encodeToString(records[i]), i))
            .collect(Collectors.joining(",", "{\"Records\": [", "]}"));
    return new ByteArrayInputStream(json.getBytes(UTF_8));
  }

  private static byte[] aggregate(String... keysAndData) {
    AggregateEncoder encoder = new AggregateEncoder(51_200);
    for (int i = 0; i < keysAndData.length; i += 2) {
      encoder.tryAdd(keysAndData[i], null, keysAndData[i + 1].getBytes(UTF_8), Headers.NONE);
    }
    return encoder.finish();
  }

  /** The same aggregate with its second key left out, under a right checksum. */
  private static byte[] withoutKeys(byte[] aggregate) {
    byte[] body = Arrays.copyOfRange(aggregate, 4, aggregate.length - 16);
    byte[] shorter = new byte[body.length - 3];
    System.arraycopy(body, 3, shorter, 0, shorter.length);
    try {
      byte[] checksum = java.security.MessageDigest.getInstance("MD5").digest(shorter);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(Arrays.copyOf(aggregate, 4));
      out.writeBytes(shorter);
      out.writeBytes(checksum);
      return out.toByteArray();
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
