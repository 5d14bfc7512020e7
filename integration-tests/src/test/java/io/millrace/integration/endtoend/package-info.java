/** Producer, stream and consumer fleet together, with exact accounts, on every endpoint. */
@NullMarked
package io.millrace.integration.endtoend;

import org.jspecify.annotations.NullMarked;
