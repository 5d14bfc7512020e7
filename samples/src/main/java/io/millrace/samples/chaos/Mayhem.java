package io.millrace.samples.chaos;

import io.millrace.samples.fleet.Fleet;
import io.millrace.samples.fleet.Member;
import io.millrace.samples.fleet.Narrator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Kills workers, suspends them for shorter and for much longer than the failover time, and stops
 * them by SIGTERM, as its dice say; whoever is gone is replaced. One worker at least is left alone.
 * Confined to one thread.
 */
final class Mayhem {
  private static final long LOOK_MILLIS = 50;

  /** What happens to the fleet, as often as it is listed. */
  private enum Deed {
    KILL,
    KILL_ALL_BUT_ONE,
    SUSPEND_SHORTLY,
    SUSPEND_PAST_THE_LEASE,
    TERMINATE
  }

  private static final List<Deed> DEEDS =
      List.of(
          Deed.KILL,
          Deed.SUSPEND_PAST_THE_LEASE,
          Deed.KILL,
          Deed.SUSPEND_SHORTLY,
          Deed.SUSPEND_PAST_THE_LEASE,
          Deed.TERMINATE,
          Deed.KILL_ALL_BUT_ONE);

  private final Fleet fleet;
  private final int workers;
  private final RandomGenerator random;
  private final Narrator narrator;
  private final Map<Member, Long> resumeAtNanos = new HashMap<>();
  private final Set<String> suspended = new HashSet<>();
  private int kills;
  private int suspensions;
  private int terminations;

  Mayhem(Fleet fleet, int workers, RandomGenerator random, Narrator narrator) {
    this.fleet = fleet;
    this.workers = workers;
    this.random = random;
    this.narrator = narrator;
  }

  /** Goes on until something is so; then every suspended worker goes on too. */
  void rage(BooleanSupplier over) throws InterruptedException {
    long nextNanos = System.nanoTime() + pauseNanos();
    while (!over.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      long now = System.nanoTime();
      resume(now);
      replaceTheDead();
      if (now - nextNanos >= 0) {
        strike(now);
        nextNanos = now + pauseNanos();
      }
    }
    resume(Long.MAX_VALUE);
    replaceTheDead();
  }

  private long pauseNanos() {
    return TimeUnit.MILLISECONDS.toNanos(random.nextLong(1_000, 8_000));
  }

  private void strike(long nowNanos) {
    Deed deed = DEEDS.get(random.nextInt(DEEDS.size()));
    int victim = random.nextInt(workers);
    long millis = random.nextLong(500, 3_500);
    List<Member> awake = new ArrayList<>(fleet.members());
    awake.removeAll(resumeAtNanos.keySet());
    if (awake.size() < 2) {
      return;
    }
    Member member = awake.get(victim % awake.size());
    switch (deed) {
      case KILL -> kill(member);
      case KILL_ALL_BUT_ONE -> {
        for (Member other : awake) {
          if (!other.equals(member)) {
            kill(other);
          }
        }
      }
      case SUSPEND_SHORTLY -> suspend(member, millis, nowNanos);
      case SUSPEND_PAST_THE_LEASE -> suspend(member, 6_000 + 3 * millis, nowNanos);
      case TERMINATE -> {
        narrator.say("SIGTERM to %s", member.name());
        terminations++;
        fleet.dismiss(member);
        var unused = member.terminate();
      }
    }
  }

  private void kill(Member member) {
    narrator.say("SIGKILL to %s", member.name());
    kills++;
    fleet.dismiss(member);
    member.kill();
  }

  private void suspend(Member member, long millis, long nowNanos) {
    if (!member.suspend()) {
      throw new IllegalStateException("this system can't suspend a process by 'kill -STOP'");
    }
    narrator.say("SIGSTOP to %s for %.1f s", member.name(), millis / 1_000.0);
    suspensions++;
    suspended.add(member.name());
    resumeAtNanos.put(member, nowNanos + TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private void resume(long nowNanos) {
    for (Member member : List.copyOf(resumeAtNanos.keySet())) {
      if (nowNanos == Long.MAX_VALUE || nowNanos - resumeAtNanos.getOrDefault(member, 0L) >= 0) {
        resumeAtNanos.remove(member);
        member.resume();
        narrator.say("SIGCONT to %s", member.name());
      }
    }
  }

  private void replaceTheDead() {
    while (fleet.members().size() < workers) {
      var unused = fleet.startOne();
    }
  }

  /** The workers that were suspended at some time. */
  Set<String> suspended() {
    return Set.copyOf(suspended);
  }

  @Override
  public String toString() {
    return kills + " killed, " + suspensions + " suspended, " + terminations + " by SIGTERM";
  }
}
