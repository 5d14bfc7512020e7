/**
 * Workers in processes of their own, the stream that they read, and the endpoints that they use.
 */
@NullMarked
package io.millrace.samples.fleet;

import org.jspecify.annotations.NullMarked;
