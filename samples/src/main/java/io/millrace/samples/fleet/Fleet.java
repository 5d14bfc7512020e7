package io.millrace.samples.fleet;

import io.millrace.samples.ledger.Ledger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** The workers that run now. Thread-safe. */
public final class Fleet implements AutoCloseable {
  private static final long START_LIMIT_SECONDS = 120;
  private static final long END_LIMIT_SECONDS = 60;

  private final Ledger ledger;
  private final BiFunction<String, Reports, Member> starter;
  private final List<Member> members = new CopyOnWriteArrayList<>();
  private final Map<String, List<String>> holdings = new ConcurrentSkipListMap<>();
  private final Set<String> leavers = ConcurrentHashMap.newKeySet();
  private final Map<String, String> failures = new ConcurrentHashMap<>();
  private final List<String> hired = new CopyOnWriteArrayList<>();

  /**
   * @param starter starts a worker of this name that reports there
   */
  public Fleet(Ledger ledger, BiFunction<String, Reports, Member> starter) {
    this.ledger = ledger;
    this.starter = starter;
  }

  /** Starts so many workers and waits until each is registered. */
  public void start(int count) throws InterruptedException {
    List<CompletableFuture<Void>> ready = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ready.add(startOne());
    }
    try {
      CompletableFuture.allOf(ready.toArray(CompletableFuture[]::new))
          .get(START_LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(Reason.of(e), e);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "not every worker was ready within " + START_LIMIT_SECONDS + " s", e);
    }
  }

  /** Starts another worker; completes when it is registered. */
  public synchronized CompletableFuture<Void> startOne() {
    String name = "worker-" + (hired.size() + 1);
    CompletableFuture<Void> ready = new CompletableFuture<>();
    Member member = starter.apply(name, new Desk(name, ready));
    members.add(member);
    hired.add(name);
    var unused =
        member
            .ended()
            .whenComplete(
                (done, failure) -> {
                  members.remove(member);
                  holdings.remove(name);
                  if (failure != null) {
                    failures.putIfAbsent(name, ": " + Reason.of(failure));
                  }
                  ready.completeExceptionally(
                      new IllegalStateException(
                          name + " ended before it was ready" + failures.getOrDefault(name, "")));
                });
    return ready;
  }

  /** The workers that run now, the oldest first. */
  public List<Member> members() {
    return List.copyOf(members);
  }

  /** The worker that holds most shards: its going is felt most. */
  public Member busiest() {
    Member busiest = members.get(0);
    for (Member member : members) {
      if (holdings.getOrDefault(member.name(), List.of()).size()
          > holdings.getOrDefault(busiest.name(), List.of()).size()) {
        busiest = member;
      }
    }
    return busiest;
  }

  /** Notes that a worker goes because it was told to. */
  public void dismiss(Member member) {
    leavers.add(member.name());
  }

  /** What is to be said of a worker that has gone and that nobody sent away. */
  public Optional<String> deserter() {
    for (String name : hired) {
      if (!leavers.contains(name) && members.stream().noneMatch(m -> m.name().equals(name))) {
        return Optional.of(
            name + " ended, and nobody had told it to" + failures.getOrDefault(name, ""));
      }
    }
    return Optional.empty();
  }

  /** Which worker holds how many shards, in one line. */
  public String leases() {
    return holdings.entrySet().stream()
        .map(holding -> holding.getKey() + ":" + holding.getValue().size())
        .collect(Collectors.joining(" "));
  }

  @Override
  public void close() {
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (Member member : members) {
      dismiss(member);
      ends.add(member.stop());
    }
    try {
      CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
          .get(END_LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      members.forEach(Member::kill);
    } catch (InterruptedException e) {
      members.forEach(Member::kill);
      Thread.currentThread().interrupt();
    }
  }

  /** Where the reports of one worker arrive. */
  private final class Desk implements Reports {
    private final String worker;
    private final CompletableFuture<Void> ready;

    private Desk(String worker, CompletableFuture<Void> ready) {
      this.worker = worker;
      this.ready = ready;
    }

    @Override
    public void ready() {
      ready.complete(null);
    }

    @Override
    public void delivered(int event, Ledger.Ownership ownership, long atMicros) {
      ledger.deliver(event, ownership, atMicros);
    }

    @Override
    public void holds(List<String> shards) {
      holdings.put(worker, shards);
    }

    @Override
    public void failed(String why) {
      failures.put(worker, ": " + why);
      ready.completeExceptionally(new IllegalStateException(worker + ": " + why));
    }
  }
}
