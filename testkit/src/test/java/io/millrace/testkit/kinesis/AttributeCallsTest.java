package io.millrace.testkit.kinesis;

import static io.millrace.testkit.kinesis.Endpoint.STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.kinesis.call.AttributeCall;
import io.millrace.testkit.kinesis.call.ConsumerCall;
import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.StreamStatus;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AttributeCallsTest {
  @Test
  void tagsAreAddedOverwrittenRemovedAndPaged() {
    Endpoint endpoint = Endpoint.withShards(1);

    endpoint.call(new AttributeCall.AddTagsToStream(STREAM, Map.of("a", "1", "b", "2")));
    endpoint.call(new AttributeCall.AddTagsToStream(STREAM, Map.of("b", "3", "c", "4")));
    endpoint.call(new AttributeCall.RemoveTagsFromStream(STREAM, List.of("a", "none")));

    AttributeCall.ListTagsForStreamReply first =
        endpoint.call(new AttributeCall.ListTagsForStream(STREAM, null, 1));
    assertThat(first.tags()).containsExactly(Map.entry("b", "3"));
    assertThat(first.hasMoreTags()).isTrue();
    AttributeCall.ListTagsForStreamReply rest =
        endpoint.call(new AttributeCall.ListTagsForStream(STREAM, "b", null));
    assertThat(rest.tags()).containsExactly(Map.entry("c", "4"));
    assertThat(rest.hasMoreTags()).isFalse();
  }

  @Test
  void resourceTagsAreThoseOfTheStreamOrConsumer() {
    Endpoint endpoint = Endpoint.withShards(1);
    String stream = endpoint.streamArn();
    String consumer =
        endpoint
            .call(new ConsumerCall.RegisterStreamConsumer(stream, "app", Map.of("x", "0")))
            .consumer()
            .arn();

    endpoint.call(new AttributeCall.TagResource(stream, Map.of("a", "1")));
    endpoint.call(new AttributeCall.TagResource(consumer, Map.of("b", "2")));
    endpoint.call(new AttributeCall.UntagResource(consumer, List.of("x")));

    assertThat(endpoint.call(new AttributeCall.ListTagsForResource(stream)).tags())
        .containsOnly(Map.entry("a", "1"));
    assertThat(endpoint.call(new AttributeCall.ListTagsForResource(consumer)).tags())
        .containsOnly(Map.entry("b", "2"));
    endpoint.refuses(ErrorCode.VALIDATION, new AttributeCall.ListTagsForResource("x"));
  }

  @Test
  void fiftyTagsAreTheMost() {
    Endpoint endpoint = Endpoint.withShards(1);
    Map<String, String> tags = new TreeMap<>();
    for (int i = 0; i < 50; i++) {
      tags.put("tag-" + i, "x");
    }

    endpoint.call(new AttributeCall.AddTagsToStream(STREAM, tags));

    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        new AttributeCall.AddTagsToStream(STREAM, Map.of("one", "more")));
    endpoint.refuses(
        ErrorCode.VALIDATION, new AttributeCall.AddTagsToStream(STREAM, Map.of("", "x")));
  }

  @Test
  void encryptionStartsAndStopsWithTheStreamUpdating() {
    Endpoint endpoint =
        Endpoint.withShards(
            1, CoreSettings.builder().reshardDuration(Duration.ofSeconds(1)).build());

    endpoint.call(new AttributeCall.StartStreamEncryption(STREAM, EncryptionType.KMS, "key"));

    assertThat(endpoint.summary().description().status()).isEqualTo(StreamStatus.UPDATING);
    endpoint.advance(Duration.ofSeconds(1));
    assertThat(endpoint.summary().description().encryptionType()).isEqualTo(EncryptionType.KMS);
    assertThat(endpoint.summary().description().keyId()).isEqualTo("key");
    endpoint.call(new AttributeCall.StopStreamEncryption(STREAM, EncryptionType.KMS, "key"));
    endpoint.advance(Duration.ofSeconds(1));
    assertThat(endpoint.summary().description().encryptionType()).isEqualTo(EncryptionType.NONE);
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        new AttributeCall.StartStreamEncryption(STREAM, EncryptionType.NONE, "key"));
    endpoint.refuses(
        ErrorCode.VALIDATION,
        new AttributeCall.StartStreamEncryption(STREAM, EncryptionType.KMS, null));
  }

  @Test
  void monitoringTellsMetricsBeforeAndAfter() {
    Endpoint endpoint = Endpoint.withShards(1);

    AttributeCall.EnhancedMonitoringReply on =
        endpoint.call(new AttributeCall.EnableEnhancedMonitoring(STREAM, List.of("ALL")));
    AttributeCall.EnhancedMonitoringReply off =
        endpoint.call(
            new AttributeCall.DisableEnhancedMonitoring(STREAM, List.of("IncomingBytes")));

    assertThat(on.currentShardLevelMetrics()).isEmpty();
    assertThat(on.desiredShardLevelMetrics()).hasSize(7);
    assertThat(off.desiredShardLevelMetrics()).hasSize(6).doesNotContain("IncomingBytes");
    assertThat(endpoint.summary().description().shardLevelMetrics()).hasSize(6);
    endpoint.refuses(
        ErrorCode.VALIDATION,
        new AttributeCall.EnableEnhancedMonitoring(STREAM, List.of("Nonsense")));
  }
}
