/**
 * Other software as programs: each reports what it does on standard output, a line each, and ends
 * with its standard input. What all of them share needs the JDK alone.
 */
@NullMarked
package io.millrace.interop.peer;

import org.jspecify.annotations.NullMarked;
