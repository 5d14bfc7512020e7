package io.millrace.testkit.kinesis.engine;

import io.millrace.testkit.kinesis.call.AttributeCall;
import io.millrace.testkit.kinesis.call.Empty;
import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.store.ConsumerState;
import io.millrace.testkit.kinesis.store.StreamState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The operations about tags, encryption and monitoring. Thread-safe. */
public final class AttributeOperations {
  private static final int MAX_TAGS = 50;
  private static final List<String> METRICS =
      List.of(
          "IncomingBytes",
          "IncomingRecords",
          "OutgoingBytes",
          "OutgoingRecords",
          "WriteProvisionedThroughputExceeded",
          "ReadProvisionedThroughputExceeded",
          "IteratorAgeMilliseconds");

  private final Account account;
  private final StreamOperations streams;

  /** Works on an account. */
  public AttributeOperations(Account account, StreamOperations streams) {
    this.account = account;
    this.streams = streams;
  }

  /** Adds tags to a stream. */
  public Empty addTags(AttributeCall.AddTagsToStream request) {
    Checks.tags(request.tags(), MAX_TAGS);
    return updateTags(request.stream(), tags -> tags.putAll(request.tags()));
  }

  /** Removes tags from a stream. */
  public Empty removeTags(AttributeCall.RemoveTagsFromStream request) {
    return updateTags(request.stream(), tags -> tags.keySet().removeAll(request.tagKeys()));
  }

  /** Lists a stream's tags. */
  public AttributeCall.ListTagsForStreamReply listTags(AttributeCall.ListTagsForStream request) {
    int limit = Checks.inRangeOr("limit", request.limit(), 1, MAX_TAGS, MAX_TAGS);
    SortedMap<String, String> rest = account.stream(request.stream()).tags();
    String after = request.exclusiveStartTagKey();
    if (after != null) {
      rest = rest.tailMap(after + '\0');
    }
    SortedMap<String, String> page = new TreeMap<>();
    for (Map.Entry<String, String> tag : rest.entrySet()) {
      if (page.size() == limit) {
        return new AttributeCall.ListTagsForStreamReply(page, true);
      }
      page.put(tag.getKey(), tag.getValue());
    }
    return new AttributeCall.ListTagsForStreamReply(page, false);
  }

  /** Adds tags to a stream or consumer. */
  public Empty tagResource(AttributeCall.TagResource request) {
    Checks.tags(request.tags(), MAX_TAGS);
    return updateResource(request.resourceArn(), tags -> tags.putAll(request.tags()));
  }

  /** Removes tags from a stream or consumer. */
  public Empty untagResource(AttributeCall.UntagResource request) {
    return updateResource(
        request.resourceArn(), tags -> tags.keySet().removeAll(request.tagKeys()));
  }

  /** Lists the tags of a stream or consumer. */
  public AttributeCall.ListTagsForResourceReply listResourceTags(
      AttributeCall.ListTagsForResource request) {
    String arn = Checks.required("resourceARN", request.resourceArn());
    return new AttributeCall.ListTagsForResourceReply(
        Account.isConsumerArn(arn)
            ? account.consumer(arn).tags()
            : account.stream(StreamRef.ofArn(arn)).tags());
  }

  /** Encrypts records after the duration of a reshard. */
  public Empty startEncryption(AttributeCall.StartStreamEncryption request) {
    requireKms(request.encryptionType());
    String keyId = Checks.text("keyId", request.keyId(), 2_048);
    StreamState stream = account.stream(request.stream());
    streams.updateLater(
        stream, () -> () -> stream.change(now -> now.withEncryption(EncryptionType.KMS, keyId)));
    return Empty.EMPTY;
  }

  /** Stops to encrypt records after the duration of a reshard. */
  public Empty stopEncryption(AttributeCall.StopStreamEncryption request) {
    requireKms(request.encryptionType());
    Checks.text("keyId", request.keyId(), 2_048);
    StreamState stream = account.stream(request.stream());
    streams.updateLater(
        stream, () -> () -> stream.change(now -> now.withEncryption(EncryptionType.NONE, null)));
    return Empty.EMPTY;
  }

  /** Switches shard-level metrics on. */
  public AttributeCall.EnhancedMonitoringReply enableMonitoring(
      AttributeCall.EnableEnhancedMonitoring request) {
    List<String> chosen = metricsOf(request.shardLevelMetrics());
    return updateMetrics(request.stream(), metrics -> metrics.addAll(chosen));
  }

  /** Switches shard-level metrics off. */
  public AttributeCall.EnhancedMonitoringReply disableMonitoring(
      AttributeCall.DisableEnhancedMonitoring request) {
    List<String> chosen = metricsOf(request.shardLevelMetrics());
    return updateMetrics(request.stream(), metrics -> chosen.forEach(metrics::remove));
  }

  private Empty updateTags(StreamRef ref, Consumer<SortedMap<String, String>> update) {
    StreamState stream = account.stream(ref);
    return stream.exclusively(
        () -> {
          account.requireActive(stream);
          SortedMap<String, String> tags = stream.tags();
          update.accept(tags);
          requireTagRoom(tags);
          stream.setTags(tags);
          return Empty.EMPTY;
        });
  }

  private Empty updateResource(
      @Nullable String resourceArn, Consumer<SortedMap<String, String>> update) {
    String arn = Checks.required("resourceARN", resourceArn);
    if (!Account.isConsumerArn(arn)) {
      return updateTags(StreamRef.ofArn(arn), update);
    }
    ConsumerState consumer = account.consumer(arn);
    return consumer.stream()
        .exclusively(
            () -> {
              SortedMap<String, String> tags = consumer.tags();
              update.accept(tags);
              requireTagRoom(tags);
              consumer.setTags(tags);
              return Empty.EMPTY;
            });
  }

  private AttributeCall.EnhancedMonitoringReply updateMetrics(
      StreamRef ref, Consumer<NavigableSet<String>> update) {
    StreamState stream = account.stream(ref);
    return stream.exclusively(
        () -> {
          account.requireActive(stream);
          NavigableSet<String> before = stream.metrics();
          NavigableSet<String> after = new TreeSet<>(before);
          update.accept(after);
          stream.setMetrics(after);
          return new AttributeCall.EnhancedMonitoringReply(
              stream.name(), stream.arn(), List.copyOf(before), List.copyOf(after));
        });
  }

  private static void requireTagRoom(SortedMap<String, String> tags) {
    if (tags.size() > MAX_TAGS) {
      throw Checks.invalidArgument(
          "The resource would have " + tags.size() + " tags; the limit is " + MAX_TAGS + ".");
    }
  }

  private static void requireKms(@Nullable EncryptionType type) {
    if (Checks.required("encryptionType", type) != EncryptionType.KMS) {
      throw Checks.invalidArgument("EncryptionType must be KMS.");
    }
  }

  private static List<String> metricsOf(List<String> given) {
    if (given.isEmpty() || given.size() > METRICS.size()) {
      throw Checks.validation(
          "shardLevelMetrics", given.size() + " entries", "Member must have length from 1 to 7");
    }
    List<String> metrics = new ArrayList<>();
    for (String name : given) {
      if (name.equals("ALL")) {
        return METRICS;
      }
      if (!METRICS.contains(name)) {
        throw Checks.validation(
            "shardLevelMetrics", name, "Member must satisfy enum value set: " + METRICS);
      }
      metrics.add(name);
    }
    return metrics;
  }
}
