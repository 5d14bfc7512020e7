package io.millrace.benchmarks.producer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;

/**
 * Runs one candidate. Each line of standard input says how many records to put; the answer is a
 * {@link Measurement}'s line. Ends with standard input; fails on the first record not stored.
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
      case "millrace" -> new MillraceCandidate(target, workload, true);
      case "millrace-callback" -> new MillraceCandidate(target, workload, false);
      case "sdk" -> new SdkCandidate(target, workload);
      case "kpl" -> new KplCandidate(target, workload);
      default -> throw new IllegalArgumentException("no candidate " + name);
    };
  }

  private static void serve(Candidate candidate) throws IOException, InterruptedException {
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    String line;
    while ((line = commands.readLine()) != null) {
      System.out.println(measure(candidate, Long.parseLong(line)).toLine());
    }
  }

  private static Measurement measure(Candidate candidate, long records)
      throws InterruptedException {
    long cpu = ProcessTree.cpuNanos();
    long allocated = ProcessTree.allocatedBytes();
    long start = System.nanoTime();
    long put = candidate.put(records);
    return new Measurement(
        put,
        System.nanoTime() - start,
        ProcessTree.cpuNanos() - cpu,
        ProcessTree.allocatedBytes() - allocated,
        ProcessTree.peakKibibytes());
  }
}
