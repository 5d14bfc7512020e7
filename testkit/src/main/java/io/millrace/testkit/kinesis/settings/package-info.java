/** What an endpoint is told when it is made: identity, times, limits and the clock. */
@NullMarked
package io.millrace.testkit.kinesis.settings;

import org.jspecify.annotations.NullMarked;
