package io.millrace.consumer.internal.hold;

import io.millrace.consumer.internal.discover.Discovery;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.shard.ShardConsumerFactory;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.internal.table.TableReader;
import io.millrace.consumer.internal.table.WriteIds;
import io.millrace.consumer.lease.LeaseStore;
import java.util.random.RandomGenerator;

/** The parts that all held leases of a worker share. */
public record HoldParts(
    EventLoop loop,
    LeaseStore store,
    LeaseTable table,
    TableReader reader,
    Discovery discovery,
    WriteIds ids,
    ShardConsumerFactory consumers,
    RandomGenerator random,
    HoldTiming timing) {}
