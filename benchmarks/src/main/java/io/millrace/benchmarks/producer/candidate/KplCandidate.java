package io.millrace.benchmarks.producer.candidate;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordResult;

/**
 * The KPL at its defaults, but for the rate of a shard, its metrics, which are off, and what a name
 * says.
 */
final class KplCandidate implements Candidate {
  /** The endpoint takes more than the service does. */
  private static final long UNLIMITED_RATE_PERCENT = 100_000_000;

  /** It bounds nothing itself: enough to keep it busy, few enough that no record expires. */
  private static final int OUTSTANDING = 50_000;

  /** Retries after a time-out would count twice, and the machine may be busy. */
  private static final long TIMEOUT_MILLIS = 60_000;

  /** Nothing listens there. */
  private static final int CLOSED_PORT = 9;

  private final Target target;
  private final Workload workload;
  private final KinesisProducer producer;
  private final Outcomes outcomes = new Outcomes();
  private final Semaphore window = new Semaphore(OUTSTANDING);
  private final Latencies latencies = new Latencies();
  private final FutureCallback<UserRecordResult> counted = new Settlement(0);

  /** Tells the outcome of a record. */
  private final class Settlement implements FutureCallback<UserRecordResult> {
    private final long putNanos;

    /** Takes the time since then; 0 for no time. */
    Settlement(long putNanos) {
      this.putNanos = putNanos;
    }

    @Override
    public void onSuccess(@Nullable UserRecordResult result) {
      settled(null);
    }

    @Override
    public void onFailure(Throwable error) {
      settled(error);
    }

    private void settled(@Nullable Throwable error) {
      if (putNanos != 0) {
        latencies.record(System.nanoTime() - putNanos);
      }
      window.release();
      outcomes.settled(1, error);
    }
  }

  private KplCandidate(
      Target target, Workload workload, UnaryOperator<KinesisProducerConfiguration> more) {
    this.target = target;
    this.workload = workload;
    this.producer = new KinesisProducer(more.apply(configuration(target)));
  }

  /** At its defaults: a record waits up to 100 ms for others. */
  static KplCandidate atDefaults(Target target, Workload workload) {
    return new KplCandidate(target, workload, UnaryOperator.identity());
  }

  /** For the shortest delay. */
  static KplCandidate unbuffered(Target target, Workload workload) {
    return new KplCandidate(target, workload, c -> c.setRecordMaxBufferedTime(0));
  }

  private static KinesisProducerConfiguration configuration(Target target) {
    return new KinesisProducerConfiguration()
        .setKinesisEndpoint("127.0.0.1")
        .setKinesisPort(target.endpoint().getPort())
        .setStsEndpoint("127.0.0.1")
        .setStsPort(CLOSED_PORT)
        .setCloudwatchEndpoint("127.0.0.1")
        .setCloudwatchPort(CLOSED_PORT)
        .setVerifyCertificate(false)
        .setMetricsLevel("none")
        .setRegion(Target.REGION)
        .setCredentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(Target.CREDENTIAL, Target.CREDENTIAL)))
        .setRateLimit(UNLIMITED_RATE_PERCENT)
        .setRequestTimeout(TIMEOUT_MILLIS)
        .setRecordTtl(TIMEOUT_MILLIS);
  }

  @Override
  public long put(Task task) throws InterruptedException {
    long before = outcomes.stored();
    Pacer pacer = new Pacer(task.perSecond());
    for (long i = 0; i < task.records(); i++) {
      pacer.await();
      window.acquire();
      FutureCallback<UserRecordResult> callback =
          Latencies.isSampled(task, i) ? new Settlement(System.nanoTime()) : counted;
      Futures.addCallback(
          producer.addUserRecord(
              target.stream(), workload.key(i), ByteBuffer.wrap(workload.data(i))),
          callback,
          MoreExecutors.directExecutor());
    }
    producer.flush();
    outcomes.await(before + task.records());
    return task.records();
  }

  @Override
  public Latencies latencies() {
    return latencies;
  }

  @Override
  public void close() {
    producer.destroy();
  }
}
