package io.millrace.samples.fleet;

import io.millrace.samples.ledger.Ledger.Ownership;
import java.util.List;

/** What a worker tells the parent. Thread-safe. */
public interface Reports {
  /** The worker is registered. */
  void ready();

  /** A handler ran for an event; returns only when the parent can't miss it any more. */
  void delivered(int event, Ownership ownership, long atMicros);

  /** The shards that the worker holds now. */
  void holds(List<String> shards);

  /** The worker could not start. */
  void failed(String why);
}
