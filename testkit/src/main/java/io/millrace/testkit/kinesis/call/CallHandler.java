package io.millrace.testkit.kinesis.call;

/**
 * Takes requests the way the wire brings them and says what the client gets to see: the seam
 * between whoever carries requests (the HTTP face, a simulated network) and the core behind it.
 * Implementations are thread-safe and never block.
 */
public interface CallHandler {
  /**
   * Makes the call, faults included.
   *
   * @return the answer or error to send, or how to fail without one; never throws a KinesisError
   */
  <R> Delivery<R> handle(KinesisRequest<R> request);
}
