/** The producer over HTTP while the endpoint misbehaves, and on every kind of stream. */
package io.millrace.integration.producer.faults;
