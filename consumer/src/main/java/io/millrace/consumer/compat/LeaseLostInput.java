package io.millrace.consumer.compat;

/** Nothing: the KCL's {@code LeaseLostInput}. */
public record LeaseLostInput() {}
