package io.millrace.samples.admin;

import io.millrace.consumer.FleetAdmin;
import io.millrace.consumer.LeaseStatus;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/** Lists an application's leases, or does what an operator asks. */
public final class Admin {
  private static final String USAGE =
      """
      samples/run admin APPLICATION                       lists the leases
      samples/run admin APPLICATION pause STREAM SHARD | pause-all
      samples/run admin APPLICATION resume STREAM SHARD | resume-all | resume-parked
      samples/run admin APPLICATION reset STREAM SHARD horizon | latest | TIME
      samples/run admin APPLICATION move STREAM SHARD WORKER
      samples/run admin APPLICATION heartbeats PER_WORKER | PER_LEASE
      samples/run admin APPLICATION delete STREAM | delete-all\
      """;

  private Admin() {}

  public static void main(String[] args) {
    if (args.length == 0) {
      System.err.println(USAGE);
      System.exit(2);
    }
    try (DynamoDbAsyncClient dynamoDb = DynamoDbAsyncClient.create()) {
      FleetAdmin admin = FleetAdmin.of(args[0], DynamoDbLeaseStore.create(dynamoDb));
      if (args.length == 1) {
        admin.leases().join().forEach(Admin::print);
      } else {
        Object done = asked(admin, Arrays.copyOfRange(args, 1, args.length)).join();
        System.out.println(done == null ? "done" : "done: " + done);
      }
    } catch (CompletionException e) {
      Throwable cause = e.getCause();
      System.err.println(cause == null ? e.getMessage() : cause.getMessage());
      System.exit(1);
    }
  }

  private static CompletableFuture<?> asked(FleetAdmin admin, String[] words) {
    return switch (words[0] + " " + (words.length - 1)) {
      case "pause 2" -> admin.pause(words[1], new ShardId(words[2]), "from a shell");
      case "pause-all 0" -> admin.pauseApplication();
      case "resume 2" -> admin.resume(words[1], new ShardId(words[2]));
      case "resume-all 0" -> admin.resumeApplication();
      case "resume-parked 0" -> admin.resumeParked();
      case "reset 3" -> admin.reset(words[1], new ShardId(words[2]), startAt(words[3]));
      case "move 3" -> admin.move(words[1], new ShardId(words[2]), words[3]);
      case "heartbeats 1" -> admin.heartbeats(HeartbeatMode.valueOf(words[1]));
      case "delete 1" -> admin.deleteLeases(words[1]);
      case "delete-all 0" -> admin.deleteApplication();
      default -> CompletableFuture.failedFuture(new IllegalArgumentException(USAGE));
    };
  }

  private static StartAt startAt(String word) {
    return switch (word) {
      case "horizon" -> StartAt.trimHorizon();
      case "latest" -> StartAt.latest();
      default -> StartAt.timestamp(Instant.parse(word));
    };
  }

  private static void print(LeaseStatus lease) {
    System.out.printf(
        "%s %s  owner %s  at %s  lag %s  %s%n",
        lease.stream(),
        lease.shard().value(),
        lease.owner().orElse("-"),
        lease.checkpoint(),
        lease.lag().map(lag -> lag.toSeconds() + " s").orElse("?"),
        lease.reason().orElse(""));
  }
}
