/**
 * How requests and replies look on the wire: AWS JSON 1.1 and its CBOR twin, read and written as
 * streams. Knows the core's calls, and nothing of HTTP.
 */
@NullMarked
package io.millrace.testkit.wire;

import org.jspecify.annotations.NullMarked;
