package io.millrace.samples.fleet;

import io.millrace.dynamodb.DynamoDbLeaseStore;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * A worker in a process of its own. It reports on its standard output, stops when its standard
 * input says so, and dies with its parent, whose end closes that input.
 */
public final class WorkerMain {
  public static final String STOP = "stop";

  private WorkerMain() {}

  /** For the quickstart only; see {@link #arguments}. */
  public static void main(String[] args) throws IOException {
    Connection connection = new Connection(args[0], args[1], args[2]);
    Worker.Job job =
        new Worker.Job(
            args[3],
            args[4],
            args[5],
            args[6],
            Boolean.parseBoolean(args[7]),
            Boolean.parseBoolean(args[8]),
            Integer.parseInt(args[9]));
    Reports reports = new ReportLines.Writer(new FileOutputStream(FileDescriptor.out));
    ScheduledExecutorService ticker =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "holdings");
              thread.setDaemon(true);
              return thread;
            });
    try (KinesisAsyncClient kinesis = connection.kinesisClient();
        DynamoDbAsyncClient dynamoDb = connection.dynamoDbClient();
        Worker worker = new Worker(job, kinesis, DynamoDbLeaseStore.create(dynamoDb), reports)) {
      worker.start();
      var unused =
          ticker.scheduleWithFixedDelay(worker::tellHoldings, 200, 200, TimeUnit.MILLISECONDS);
      if (!STOP.equals(nextCommand())) {
        // The parent is dead. Nobody is left to be told anything.
        Runtime.getRuntime().halt(1);
      }
      ticker.shutdownNow();
    }
  }

  private static String nextCommand() throws IOException {
    String line =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII)).readLine();
    return line == null ? "" : line;
  }

  /** The arguments of {@link #main}. */
  public static List<String> arguments(Connection connection, Worker.Job job) {
    return List.of(
        connection.kinesis(),
        connection.dynamoDb(),
        connection.region(),
        job.worker(),
        job.application(),
        job.stream(),
        job.run(),
        Boolean.toString(job.fromTheStart()),
        Boolean.toString(job.fanOut()),
        Integer.toString(job.parallelism()));
  }
}
