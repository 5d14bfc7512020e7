/** Fakes of what the data path touches, and a worker loop on virtual time. */
package io.millrace.consumer.internal.testing;
