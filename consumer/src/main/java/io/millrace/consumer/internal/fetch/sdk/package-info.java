/**
 * The ports of {@link io.millrace.consumer.internal.fetch} over the asynchronous client of the AWS
 * SDK.
 */
@NullMarked
package io.millrace.consumer.internal.fetch.sdk;

import org.jspecify.annotations.NullMarked;
