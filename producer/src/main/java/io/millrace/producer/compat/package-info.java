/**
 * The shape of the KPL, for code that calls {@code addUserRecord}: change its imports to this
 * package, and build the {@link io.millrace.producer.compat.KinesisProducer} from a {@link
 * io.millrace.producer.StreamProducer}. New code is better off with the latter.
 *
 * <p>Names are the KPL's, the behaviour is Millrace's: memory is bounded, so that {@code
 * addUserRecord} may wait, and what can't succeed fails at once. docs/migrating-from-kpl.md has all
 * differences.
 */
@NullMarked
package io.millrace.producer.compat;

import org.jspecify.annotations.NullMarked;
