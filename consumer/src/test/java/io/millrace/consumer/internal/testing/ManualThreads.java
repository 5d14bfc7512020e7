package io.millrace.consumer.internal.testing;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Handler threads that run when the test says so, on the test's own thread. */
public final class ManualThreads implements Executor {
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private boolean refuses;
  private int most;

  @Override
  public void execute(Runnable task) {
    if (refuses) {
      throw new RejectedExecutionException("refused by the test");
    }
    tasks.add(task);
    most = Math.max(most, tasks.size());
  }

  /** Refuses tasks, or no longer. */
  public void refuse(boolean refuse) {
    this.refuses = refuse;
  }

  /** Runs the oldest task; false if there is none. */
  public boolean runOne() {
    Runnable task = tasks.poll();
    if (task == null) {
      return false;
    }
    task.run();
    return true;
  }

  /** Runs all tasks, also those that they add; at most so many. */
  public int runAll(int limit) {
    int count = 0;
    while (count < limit && runOne()) {
      count++;
    }
    return count;
  }

  /** The tasks that wait. */
  public int waiting() {
    return tasks.size();
  }

  /** The most tasks that ever waited. */
  public int most() {
    return most;
  }
}
