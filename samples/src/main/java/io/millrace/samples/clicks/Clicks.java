package io.millrace.samples.clicks;

import java.util.List;
import java.util.random.RandomGenerator;

/** Who clicks on what: a few users click a lot, most of them rarely. Confined to one thread. */
public final class Clicks {
  public static final int USERS = 2_000;

  private static final List<String> PAGES =
      List.of("/", "/search", "/product", "/cart", "/checkout", "/account", "/help");
  private static final List<String> REFERRERS =
      List.of("direct", "search-engine", "newsletter", "partner", "social");

  private final RandomGenerator random;

  public Clicks(RandomGenerator random) {
    this.random = random;
  }

  /** The next one to click, from 0; user n about a hundred times as often as user 100 n. */
  public int nextUser() {
    // Log-uniform, which is Zipf's law with an exponent of 1.
    return (int) Math.pow(USERS + 1.0, random.nextDouble()) - 1;
  }

  public ClickEvent next(String run, int id, int user, long atMicros) {
    return new ClickEvent(
        run,
        id,
        userName(user),
        PAGES.get(random.nextInt(PAGES.size())),
        REFERRERS.get(random.nextInt(REFERRERS.size())),
        atMicros);
  }

  public static String userName(int user) {
    return "user-" + user;
  }
}
