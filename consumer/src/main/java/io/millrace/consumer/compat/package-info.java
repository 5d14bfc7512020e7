/**
 * The shapes of the KCL, for classes that were written against it: change the imports of a {@code
 * ShardRecordProcessor} to this package, and give its factory to {@link
 * io.millrace.consumer.compat.KclShardProcessors#of}. New code is better off with a {@link
 * io.millrace.consumer.handler.RecordHandler}.
 *
 * <p>Names and arguments are the KCL's, the behaviour is Millrace's: a batch that throws comes
 * again, where the KCL goes on with the next one. docs/migrating-from-kcl.md has all differences.
 */
@NullMarked
package io.millrace.consumer.compat;

import org.jspecify.annotations.NullMarked;
