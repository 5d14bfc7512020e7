import com.amazonaws.kinesis.agg.AggRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Lets the Java aggregation library pack each case, and keeps the bytes. */
public final class AggregatorVectors {
  /** Argument: folder to write to. */
  public static void main(String[] args) throws Exception {
    for (var entry : Cases.all().entrySet()) {
      try {
        AggRecord aggregate = new AggRecord();
        for (Cases.Put put : entry.getValue()) {
          if (!aggregate.addUserRecord(put.partitionKey(), put.explicitHashKey(), put.data())) {
            throw new IllegalStateException("record does not fit");
          }
        }
        List<Cases.Stored> stored =
            List.of(new Cases.Stored(aggregate.getPartitionKey(), aggregate.toRecordBytes()));
        Files.writeString(
            Path.of(args[0]).resolve(entry.getKey() + ".txt"),
            Cases.text("amazon-kinesis-aggregator 1.0.3", entry.getValue(), stored));
        System.out.println(entry.getKey() + ": " + stored.get(0).data().length + " bytes");
      } catch (IllegalArgumentException e) {
        System.out.println(entry.getKey() + ": refused: " + e.getMessage());
      }
    }
  }
}
