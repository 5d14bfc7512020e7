package io.millrace.samples.ledger;

import io.millrace.samples.ledger.Ledger.Delivery;
import io.millrace.samples.ledger.Ledger.Ownership;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an owner delivered after a later owner of the shard had begun, by their fencing tokens.
 *
 * @param violations the deliveries that must not be
 * @param underWay how many are excused: the one call of a suspended worker that was under way on a
 *     shard when it was suspended, and goes on when it is resumed. Nothing can keep a handler from
 *     that but the fencing token, which its own store compares
 */
public record StaleDeliveries(List<Delivery> violations, int underWay) {

  /**
   * Looks through all deliveries.
   *
   * @param inOrder in the order of time
   * @param suspended the workers that were suspended at some time
   */
  public static StaleDeliveries among(List<Delivery> inOrder, Set<String> suspended) {
    Map<String, Token> latest = new HashMap<>();
    Set<Ownership> excused = new HashSet<>();
    List<Delivery> violations = new ArrayList<>();
    for (Delivery delivery : inOrder) {
      Ownership ownership = delivery.ownership();
      Token token = Token.parse(ownership.fencingToken());
      Token last = latest.get(ownership.shard());
      if (last == null || token.compareTo(last) >= 0) {
        latest.put(ownership.shard(), token);
      } else if (!suspended.contains(ownership.worker()) || !excused.add(ownership)) {
        violations.add(delivery);
      }
    }
    return new StaleDeliveries(violations, excused.size());
  }

  /** A fencing token: larger for each later ownership of a shard. */
  private record Token(long tableGeneration, long counter) implements Comparable<Token> {
    static Token parse(String text) {
      String[] parts = text.split("\\.", 2);
      return new Token(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }

    @Override
    public int compareTo(Token other) {
      int byTable = Long.compare(tableGeneration, other.tableGeneration);
      return byTable != 0 ? byTable : Long.compare(counter, other.counter);
    }
  }
}
