/** The consumer over HTTP: what arrives while the endpoint misbehaves. */
package io.millrace.integration.consumer;
