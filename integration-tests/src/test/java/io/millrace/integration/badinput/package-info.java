/** What a user sees of each mistake: one clear error, soon. */
@NullMarked
package io.millrace.integration.badinput;

import org.jspecify.annotations.NullMarked;
