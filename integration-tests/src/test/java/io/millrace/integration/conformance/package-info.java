/** What the service's documentation says of each operation, asserted on every endpoint. */
@NullMarked
package io.millrace.integration.conformance;

import org.jspecify.annotations.NullMarked;
