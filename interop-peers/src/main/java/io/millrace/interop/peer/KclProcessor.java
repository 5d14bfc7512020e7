package io.millrace.interop.peer;

import java.util.Optional;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.processor.RecordProcessorCheckpointer;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.processor.ShardRecordProcessorFactory;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/** Reports each record that the KCL hands over. Used by one thread at a time. */
final class KclProcessor implements ShardRecordProcessor {
  private final Report report;
  private final Optional<Integer> stopAfter;
  private String shard = "";
  private boolean stopped;

  private KclProcessor(Report report, Optional<Integer> stopAfter) {
    this.report = report;
    this.stopAfter = stopAfter;
  }

  /** Makes one for each shard. */
  record Factory(Report report, Optional<Integer> stopAfter)
      implements ShardRecordProcessorFactory {
    @Override
    public ShardRecordProcessor shardRecordProcessor() {
      return new KclProcessor(report, stopAfter);
    }
  }

  @Override
  public void initialize(InitializationInput input) {
    shard = input.shardId();
    report.event(
        "initialized",
        shard,
        input.extendedSequenceNumber().sequenceNumber(),
        Long.toString(input.extendedSequenceNumber().subSequenceNumber()));
  }

  @Override
  public void processRecords(ProcessRecordsInput input) {
    for (KinesisClientRecord record : input.records()) {
      if (stopped) {
        return;
      }
      Delivery delivery =
          Delivery.of(
              shard,
              record.sequenceNumber(),
              record.subSequenceNumber(),
              record.partitionKey(),
              Optional.ofNullable(record.explicitHashKey()).orElse(""),
              record.data());
      report.delivered(delivery);
      if (stopAfter.filter(last -> last == delivery.number()).isPresent()) {
        stopped = true;
        checkpoint(input.checkpointer(), record);
      }
    }
    if (!stopped && !input.records().isEmpty()) {
      checkpoint(input.checkpointer(), input.records().get(input.records().size() - 1));
    }
  }

  private void checkpoint(RecordProcessorCheckpointer checkpointer, KinesisClientRecord record) {
    try {
      checkpointer.checkpoint(record.sequenceNumber(), record.subSequenceNumber());
      report.event(
          "checkpointed",
          shard,
          record.sequenceNumber(),
          Long.toString(record.subSequenceNumber()));
    } catch (ShutdownException lost) {
      report.event("not-owner", shard);
    } catch (InvalidStateException e) {
      report.event("failed", shard, e.toString());
    }
  }

  @Override
  public void leaseLost(LeaseLostInput input) {
    report.event("lease-lost", shard);
  }

  @Override
  public void shardEnded(ShardEndedInput input) {
    try {
      input.checkpointer().checkpoint();
      report.event("shard-ended", shard);
    } catch (ShutdownException | InvalidStateException e) {
      report.event("failed", shard, e.toString());
    }
  }

  @Override
  public void shutdownRequested(ShutdownRequestedInput input) {
    report.event("shutdown-requested", shard);
    try {
      if (!stopped) {
        input.checkpointer().checkpoint();
      }
    } catch (ShutdownException | InvalidStateException e) {
      report.event("failed", shard, e.toString());
    }
  }
}
