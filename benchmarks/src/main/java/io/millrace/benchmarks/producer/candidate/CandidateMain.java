package io.millrace.benchmarks.producer.candidate;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;

/**
 * Runs one candidate. Each line of standard input is a {@link Task}; the answer is a {@link
 * Measurement}'s line. Ends with standard input; fails on the first record not stored.
 */
public final class CandidateMain {
  private static final System.Logger LOG = System.getLogger(CandidateMain.class.getName());

  private CandidateMain() {}

  /** Arguments: the candidate's name, the endpoint, its certificate, the stream, record bytes. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Target target = new Target(URI.create(arguments[1]), arguments[3], arguments[2]);
    Workload workload = new Workload(Integer.parseInt(arguments[4]));
    int status = 1;
    try (Candidate candidate = create(arguments[0], target, workload)) {
      serve(candidate);
      status = 0;
    } catch (IllegalStateException e) {
      LOG.log(System.Logger.Level.ERROR, arguments[0] + " failed", e);
    }
    // Threads of a candidate may outlive it.
    System.exit(status);
  }

  private static Candidate create(String name, Target target, Workload workload) {
    return switch (name) {
      case "millrace" ->
          MillraceCandidate.withFutures(target, workload, SdkClients.atDefaults(target));
      case "millrace-tuned" ->
          MillraceCandidate.withFutures(target, workload, SdkClients.tuned(target));
      case "millrace-callback" ->
          MillraceCandidate.withCallbacks(target, workload, SdkClients.atDefaults(target));
      case "millrace-linger-0" ->
          MillraceCandidate.withoutLinger(target, workload, SdkClients.atDefaults(target));
      case "millrace-linger-0-tuned" ->
          MillraceCandidate.withoutLinger(target, workload, SdkClients.tuned(target));
      case "millrace-scale" -> new ScaleCandidate(target, workload);
      case "sdk" -> new SdkCandidate(target, workload, SdkClients.atDefaults(target));
      case "sdk-tuned" -> new SdkCandidate(target, workload, SdkClients.tuned(target));
      case "sdk-single" -> new SdkSingleCandidate(target, workload, SdkClients.atDefaults(target));
      case "sdk-single-tuned" -> new SdkSingleCandidate(target, workload, SdkClients.tuned(target));
      case "kpl" -> KplCandidate.atDefaults(target, workload);
      case "kpl-unbuffered" -> KplCandidate.unbuffered(target, workload);
      default -> throw new IllegalArgumentException("no candidate " + name);
    };
  }

  private static void serve(Candidate candidate) throws IOException, InterruptedException {
    BufferedReader tasks = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    String line;
    while ((line = tasks.readLine()) != null) {
      System.out.println(measure(candidate, Task.parse(line)).toLine());
    }
  }

  private static Measurement measure(Candidate candidate, Task task) throws InterruptedException {
    candidate.latencies().clear();
    long cpu = ProcessTree.cpuNanos();
    long compiler = ProcessTree.compilerNanos();
    long allocated = ProcessTree.allocatedBytes();
    long start = System.nanoTime();
    long put = candidate.put(task);
    return new Measurement(
        put,
        System.nanoTime() - start,
        ProcessTree.cpuNanos() - cpu,
        ProcessTree.compilerNanos() - compiler,
        ProcessTree.allocatedBytes() - allocated,
        ProcessTree.peakKibibytes(),
        candidate.latencies().percentileNanos(50),
        candidate.latencies().percentileNanos(99));
  }
}
