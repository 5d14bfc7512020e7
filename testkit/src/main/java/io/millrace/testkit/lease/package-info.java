/**
 * The contract of {@link io.millrace.consumer.lease.LeaseStore} as tests: whoever writes a store
 * extends {@link io.millrace.testkit.lease.LeaseStoreContract}.
 */
@NullMarked
package io.millrace.testkit.lease;

import org.jspecify.annotations.NullMarked;
