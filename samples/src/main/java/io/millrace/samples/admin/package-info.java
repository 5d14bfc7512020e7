/** What an operator does to an application's leases, from a shell. */
@NullMarked
package io.millrace.samples.admin;

import org.jspecify.annotations.NullMarked;
