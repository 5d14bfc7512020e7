package io.millrace.benchmarks.fleet.worker;

/** A worker of some library. Used by one thread. */
interface FleetWorker {
  /** Starts, and returns when it is a member, or at once where that can't be told. */
  void start();

  /** Runs until the JVM is told to end; a graceful end is this worker's own business then. */
  void run() throws InterruptedException;
}
