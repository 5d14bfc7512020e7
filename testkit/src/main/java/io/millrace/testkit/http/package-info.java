/**
 * The HTTP transport of the testkit's endpoints: plain and TLS, HTTP/1.1 and HTTP/2, one exchange
 * per request. It knows nothing of Kinesis: what a request means is decided by an {@link
 * io.millrace.testkit.http.HttpService}.
 */
@NullMarked
package io.millrace.testkit.http;

import org.jspecify.annotations.NullMarked;
