package io.millrace.benchmarks.producer;

import io.millrace.benchmarks.producer.candidate.Task;

/**
 * A candidate at work.
 *
 * @param task what it does in a round
 * @param series where its rounds go
 */
record Contender(CandidateProcess process, Task task, Series series) {}
