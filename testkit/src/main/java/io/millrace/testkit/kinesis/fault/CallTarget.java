package io.millrace.testkit.kinesis.fault;

import io.millrace.testkit.kinesis.call.Operation;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a call is about, as rules see it.
 *
 * @param operation which one
 * @param stream its stream's name, or null if it has none
 * @param touchesShard whether it concerns the shard with an id; asked only by rules that name a
 *     shard
 */
public record CallTarget(
    Operation operation, @Nullable String stream, Predicate<String> touchesShard) {}
