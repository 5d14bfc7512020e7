/** The places that speak the Kinesis API, behind one interface, and how a test asks for one. */
@NullMarked
package io.millrace.integration.endpoint;

import org.jspecify.annotations.NullMarked;
