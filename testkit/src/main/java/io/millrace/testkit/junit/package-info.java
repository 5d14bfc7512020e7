/** The JUnit Jupiter extension; JUnit is an optional dependency of the testkit. */
@NullMarked
package io.millrace.testkit.junit;

import org.jspecify.annotations.NullMarked;
