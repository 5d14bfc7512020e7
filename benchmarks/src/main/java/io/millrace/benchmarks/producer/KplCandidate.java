package io.millrace.benchmarks.producer;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordResult;

/** The KPL at its defaults, but for the rate of a shard and its metrics, which are off. */
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
  private final FutureCallback<UserRecordResult> callback =
      new FutureCallback<>() {
        @Override
        public void onSuccess(@Nullable UserRecordResult result) {
          window.release();
          outcomes.settled(1, null);
        }

        @Override
        public void onFailure(Throwable error) {
          window.release();
          outcomes.settled(1, error);
        }
      };

  KplCandidate(Target target, Workload workload) {
    this.target = target;
    this.workload = workload;
    this.producer =
        new KinesisProducer(
            new KinesisProducerConfiguration()
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
                .setRecordTtl(TIMEOUT_MILLIS));
  }

  @Override
  public long put(long records) throws InterruptedException {
    long before = outcomes.stored();
    for (long i = 0; i < records; i++) {
      window.acquire();
      Futures.addCallback(
          producer.addUserRecord(
              target.stream(), workload.key(i), ByteBuffer.wrap(workload.data(i))),
          callback,
          MoreExecutors.directExecutor());
    }
    producer.flush();
    outcomes.await(before + records);
    return records;
  }

  @Override
  public void close() {
    producer.destroy();
  }
}
