package io.millrace.samples.fleet;

import io.millrace.samples.ledger.Ledger.Ownership;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reports as lines of text over a worker's standard output. What was written before a worker is
 * killed still reaches the parent: the operating system holds the pipe.
 */
final class ReportLines {
  private ReportLines() {}

  /** The worker's end. */
  static final class Writer implements Reports {
    private final PrintWriter out;
    private final Map<Ownership, Integer> numbers = new HashMap<>();

    Writer(OutputStream out) {
      this.out = new PrintWriter(out, false, StandardCharsets.US_ASCII);
    }

    @Override
    public void ready() {
      line("ready");
    }

    @Override
    public synchronized void delivered(int event, Ownership ownership, long atMicros) {
      Integer number = numbers.get(ownership);
      if (number == null) {
        number = numbers.size();
        numbers.put(ownership, number);
        line("owns " + number + " " + ownership.shard() + " " + ownership.fencingToken());
      }
      line("did " + number + " " + event + " " + atMicros);
    }

    @Override
    public void holds(List<String> shards) {
      line("holds " + String.join(",", shards));
    }

    @Override
    public void failed(String why) {
      line("failed " + why.replace('\n', ' '));
    }

    private synchronized void line(String line) {
      out.print(line);
      out.print('\n');
      out.flush();
    }
  }

  /** The parent's end: reads until the worker is gone. */
  static void forward(InputStream from, String worker, Reports to) throws IOException {
    Map<String, Ownership> ownerships = new HashMap<>();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(from, StandardCharsets.US_ASCII));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ", 2);
      String rest = words.length > 1 ? words[1] : "";
      switch (words[0]) {
        case "ready" -> to.ready();
        case "owns" -> {
          String[] parts = rest.split(" ", 3);
          ownerships.put(parts[0], new Ownership(worker, parts[1], parts[2]));
        }
        case "did" -> {
          String[] parts = rest.split(" ", 3);
          Ownership ownership = ownerships.get(parts[0]);
          // The last line of a killed worker may be cut off.
          if (parts.length == 3 && ownership != null && parts[2].length() == MICROS_DIGITS) {
            to.delivered(Integer.parseInt(parts[1]), ownership, Long.parseLong(parts[2]));
          }
        }
        case "holds" -> to.holds(rest.isEmpty() ? List.of() : List.of(rest.split(",", -1)));
        case "failed" -> to.failed(rest);
        default -> throw new IOException("unexpected line from " + worker + ": " + line);
      }
    }
  }

  /** Microseconds since the epoch have 16 digits until the year 2286. */
  private static final int MICROS_DIGITS = 16;
}
