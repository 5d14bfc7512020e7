package io.millrace.consumer.internal.assign;

/**
 * A worker that takes leases.
 *
 * @param worker its id
 * @param maxLeases how many it takes at most
 */
public record WorkerCapacity(String worker, int maxLeases) {}
