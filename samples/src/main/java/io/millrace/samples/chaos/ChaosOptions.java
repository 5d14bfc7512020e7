package io.millrace.samples.chaos;

import java.time.Duration;

/**
 * What the command line asks for.
 *
 * @param time for how long events flow and workers die
 * @param seed what happens follows from it; when it happens, from the machine too
 * @param rate click events per second
 */
record ChaosOptions(Duration time, long seed, int rate) {
  static final int WORKERS = 3;

  static final String USAGE =
      """
      usage: samples/run chaos [flags]
        --minutes N   for how long workers are killed and suspended (default 5)
        --seconds N   the same, for a short run
        --seed N      what happens to whom (default 1)
        --rate N      click events per second (default 500)
      Needs the signals of a Unix, and DynamoDB Local, which the build fetches.\
      """;

  static ChaosOptions parse(String... args) {
    ChaosOptions options = new ChaosOptions(Duration.ofMinutes(5), 1, 500);
    for (int i = 0; i < args.length; i += 2) {
      String flag = args[i];
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(flag + " needs a value");
      }
      String value = args[i + 1];
      options =
          switch (flag) {
            case "--minutes" ->
                options.lasting(Duration.ofMinutes(number(flag, value, 1, 24 * 60)));
            case "--seconds" -> options.lasting(Duration.ofSeconds(number(flag, value, 5, 86_400)));
            case "--seed" ->
                new ChaosOptions(
                    options.time,
                    number(flag, value, Long.MIN_VALUE, Long.MAX_VALUE),
                    options.rate);
            case "--rate" ->
                new ChaosOptions(options.time, options.seed, (int) number(flag, value, 10, 10_000));
            default -> throw new IllegalArgumentException("unknown flag " + flag);
          };
    }
    return options;
  }

  private ChaosOptions lasting(Duration chosen) {
    return new ChaosOptions(chosen, seed, rate);
  }

  /** How many events are put. */
  int records() {
    return Math.toIntExact(time.toSeconds() * rate);
  }

  private static long number(String flag, String value, long least, long most) {
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // Told below.
    }
    throw new IllegalArgumentException(
        flag + " " + value + ": must be a number from " + least + " to " + most);
  }
}
