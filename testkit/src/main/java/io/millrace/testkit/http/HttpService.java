package io.millrace.testkit.http;

/** Answers requests. Called on event loop threads: several at once, never two for one exchange. */
@FunctionalInterface
public interface HttpService {
  /**
   * Takes one complete request. The answer may be given later and from any thread; the request's
   * body is valid only until this method returns.
   *
   * @param exchange the request, and the way to answer it
   */
  void handle(Exchange exchange);
}
