package io.millrace.consumer.internal.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.Owner;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class LeaseTableTest {
  private static final int SHARDS = 6;
  private static final int STEPS = 60;

  private static Lease anyLease(Random random) {
    Lease.Builder lease =
        Lease.builder(
                LeaseKey.of("shard-" + random.nextInt(SHARDS)),
                random.nextInt(5) == 0 ? Sentinel.SHARD_END : Sentinel.TRIM_HORIZON)
            .counter(random.nextInt(20));
    if (random.nextInt(4) > 0) {
      lease.owner("w" + random.nextInt(3)).ownerEpoch(random.nextInt(2));
    }
    if (random.nextInt(3) == 0) {
      lease.checkpointOwner("w" + random.nextInt(3)).claimEpoch(random.nextInt(2));
    }
    return lease.build();
  }

  @Property
  void ownersAreThoseWhomUnfinishedRowsName(@ForAll long seed) {
    Random random = new Random(seed);
    LeaseTable table = new LeaseTable();
    LeaseTable.Mark mark = table.mark();
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(5)) {
        case 0 -> table.missing(LeaseKey.of("shard-" + random.nextInt(SHARDS)));
        case 1 -> mark = table.mark();
        case 2 -> {
          List<Lease> listing = new ArrayList<>();
          for (int i = random.nextInt(SHARDS); i > 0; i--) {
            listing.add(anyLease(random));
          }
          table.listed(listing, mark, step);
        }
        default -> table.saw(anyLease(random), step);
      }

      Set<Owner> holders = new HashSet<>();
      Set<Owner> claimers = new HashSet<>();
      for (Lease lease : table.leases()) {
        if (!lease.isFinished()) {
          lease.holderPeriod().ifPresent(holders::add);
          lease.claimer().ifPresent(claimers::add);
        }
      }
      assertThat(table.holders()).isEqualTo(holders);
      assertThat(table.claimers()).isEqualTo(claimers);
    }
  }
}
