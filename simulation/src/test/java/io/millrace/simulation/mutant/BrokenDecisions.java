package io.millrace.simulation.mutant;

import static net.bytebuddy.matcher.ElementMatchers.isPublic;
import static net.bytebuddy.matcher.ElementMatchers.named;

import io.millrace.consumer.internal.checkpoint.Acknowledgements;
import io.millrace.consumer.internal.discover.Discovery;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.member.FleetWatch;
import io.millrace.consumer.internal.member.SelfFence;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WriteOutcome;
import io.millrace.model.Position;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner.Typing;

/**
 * Workers that decide wrongly: advice for single methods, which does nothing unless its mutation is
 * active. The advice is copied into the method, so it sees the method's fields and arguments, and
 * assigns to them.
 */
final class BrokenDecisions {
  private static final String INTERNAL = "io.millrace.consumer.internal.";
  private static final String COORDINATION = INTERNAL + "coordinate.Coordination";
  private static final String MEMBERSHIP = INTERNAL + "member.Membership";
  private static final String WATCH = INTERNAL + "member.FleetWatch";
  private static final String FENCE = INTERNAL + "member.SelfFence";
  private static final String GATE = INTERNAL + "hold.ChildGate";

  private BrokenDecisions() {}

  /** The workers' classes with all advice in them. */
  static Map<String, byte[]> woven() throws NoSuchMethodException {
    return new Weaver()
        .advise(FENCE, "isUp", FenceIsUp.class)
        .advise(INTERNAL + "member.FailoverTiming", "validityNanos", NoMargin.class)
        .advise(FENCE, "isWithin", SuspensionIgnored.class)
        .advise(MEMBERSHIP, "landed", StampAfterReply.class)
        .advise(MEMBERSHIP, "settleBeat", UnknownCounts.class)
        .advise(MEMBERSHIP, "register", EpochKept.class)
        .substitute(
            MEMBERSHIP,
            "succeed",
            WorkerRow.class,
            "epoch",
            Hooks.class.getMethod("epochToExceed", WorkerRow.class))
        .advise(WATCH + "$Peer", "isSilent", Silence.class)
        .advise(WATCH, "standing", StandingOver.class)
        .advise(INTERNAL + "coordinate.OwnerJudge", "judge", JudgedByCounter.class)
        .advise(COORDINATION, "fenced", WhileFenced.class)
        .advise(COORDINATION, "dropEverything", NothingDropped.class)
        .advise(GATE, "ask", NoParents.class)
        .advise(INTERNAL + "table.LeaseTable", "isGateOpen", GateIsOpen.class)
        .advise(INTERNAL + "discover.Lineage", "generations", ChildrenFirst.class)
        .advise(
            INTERNAL + "discover.Discovery",
            named("createChildren").and(isPublic()),
            EndBeforeChildren.class)
        .advise(INTERNAL + "coordinate.Assigner", "adopt", NotAdopted.class)
        .advise(INTERNAL + "checkpoint.Acknowledgements", "watermark", PastGaps.class)
        .advise(INTERNAL + "process.DeliveryProgress", "empty", AllAcknowledged.class)
        .classes();
  }

  /** What woven code calls. */
  public static final class Hooks {
    private static final ThreadLocal<Boolean> FENCED = ThreadLocal.withInitial(() -> false);

    private Hooks() {}

    /** The epoch that a new period must exceed. */
    public static long epochToExceed(WorkerRow row) {
      return Mutation.EPOCH_REUSED.isActive() ? -1 : row.epoch();
    }

    /** Notes that a worker hears that it is fenced. */
    public static void isFenced(boolean now) {
      FENCED.set(now);
    }

    /** Whether a worker hears that it is fenced. */
    public static boolean isFenced() {
      return FENCED.get();
    }
  }

  static final class FenceIsUp {
    @Advice.OnMethodExit
    static void exit(@Advice.Return(readOnly = false) boolean up) {
      if (Mutation.SELF_FENCE_DROPPED.isActive()) {
        up = true;
      }
    }
  }

  static final class NoMargin {
    @Advice.OnMethodExit
    static void exit(
        @Advice.FieldValue("failoverNanos") long failoverNanos,
        @Advice.Return(readOnly = false) long validity) {
      if (Mutation.SELF_FENCE_WITHOUT_MARGIN.isActive()) {
        validity = failoverNanos;
      }
    }
  }

  static final class SuspensionIgnored {
    @Advice.OnMethodExit
    static void exit(
        @Advice.Argument(0) SelfFence.Stamp since,
        @Advice.Argument(1) long nanos,
        @Advice.Argument(2) long nowNanos,
        @Advice.Return(readOnly = false) boolean within) {
      if (Mutation.SUSPENSION_IGNORED.isActive()) {
        within = nowNanos - since.nanos() < nanos;
      }
    }
  }

  static final class StampAfterReply {
    @Advice.OnMethodEnter
    static void enter(
        @Advice.FieldValue("fence") SelfFence fence,
        @Advice.FieldValue("loop") EventLoop loop,
        @Advice.Argument(value = 1, readOnly = false) SelfFence.Stamp sent) {
      if (Mutation.STAMP_AFTER_REPLY.isActive()) {
        sent = fence.sending(loop.nowNanos());
      }
    }
  }

  static final class UnknownCounts {
    @Advice.OnMethodEnter
    static void enter(
        @Advice.Argument(0) WorkerRow row,
        @Advice.Argument(value = 2, readOnly = false) WriteOutcome<WorkerRow> outcome) {
      if (Mutation.UNKNOWN_HEARTBEAT_COUNTS.isActive()
          && !(outcome instanceof WriteOutcome.Conflict<WorkerRow>)) {
        outcome = new WriteOutcome.Applied<>(row);
      }
    }
  }

  static final class EpochKept {
    @Advice.OnMethodEnter
    static long enter(@Advice.FieldValue("epoch") long epoch) {
      return epoch;
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Enter long before,
        @Advice.FieldValue(value = "epoch", readOnly = false) long epoch) {
      if (Mutation.EPOCH_REUSED.isActive() && before != 0) {
        epoch = before;
      }
    }
  }

  static final class Silence {
    @Advice.OnMethodExit
    static void exit(
        @Advice.FieldValue("row") WorkerRow row,
        @Advice.FieldValue("sinceNanos") long sinceNanos,
        @Advice.Argument(0) long nowNanos,
        @Advice.Return(readOnly = false) boolean silent) {
      if (Mutation.SILENCE_HALVED.isActive()) {
        silent = nowNanos - sinceNanos >= row.failoverTime().toNanos() / 2;
      } else if (Mutation.SILENCE_BY_OWN_SETTING.isActive()) {
        silent = nowNanos - sinceNanos >= Duration.ofSeconds(2).toNanos();
      }
    }
  }

  static final class StandingOver {
    @Advice.OnMethodExit
    static void exit(@Advice.Return(readOnly = false) FleetWatch.Standing standing) {
      boolean over =
          (Mutation.OTHER_EPOCH_IS_OVER.isActive() && standing == FleetWatch.Standing.UNCERTAIN)
              || (Mutation.MISSING_IS_OVER.isActive() && standing == FleetWatch.Standing.MISSING);
      if (over) {
        standing = FleetWatch.Standing.OVER;
      }
    }
  }

  static final class JudgedByCounter {
    @Advice.OnMethodExit
    static void exit(
        @Advice.FieldValue("table") LeaseTable table,
        @Advice.FieldValue("loop") EventLoop loop,
        @Advice.Argument(0) Lease lease,
        @Advice.Return(readOnly = false, typing = Typing.DYNAMIC) Object verdict) {
      if (Mutation.JUDGED_BY_COUNTER.isActive()
          && verdict.toString().equals("PEER")
          && table.unmovedNanos(lease.key(), loop.nowNanos()) >= Duration.ofSeconds(2).toNanos()) {
        verdict = verdict.getClass().getEnumConstants()[0];
      }
    }
  }

  static final class WhileFenced {
    @Advice.OnMethodEnter
    static void enter() {
      Hooks.isFenced(true);
    }

    @Advice.OnMethodExit
    static void exit() {
      Hooks.isFenced(false);
    }
  }

  static final class NothingDropped {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter() {
      return Mutation.FENCED_GOES_ON.isActive() && Hooks.isFenced();
    }
  }

  static final class NoParents {
    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(value = 0, readOnly = false) Lease lease) {
      if (Mutation.GATE_DROPPED.isActive()) {
        lease = lease.toBuilder().parents(Set.of()).build();
      }
    }
  }

  static final class GateIsOpen {
    @Advice.OnMethodExit
    static void exit(@Advice.Return(readOnly = false) boolean open) {
      if (Mutation.GATE_DROPPED.isActive()) {
        open = true;
      }
    }
  }

  static final class ChildrenFirst {
    @Advice.OnMethodExit
    static void exit(@Advice.Return(readOnly = false) List<List<Lease>> generations) {
      if (Mutation.CHILDREN_BEFORE_PARENTS.isActive()) {
        List<List<Lease>> turned = new ArrayList<>(generations);
        Collections.reverse(turned);
        generations = turned;
      }
    }
  }

  static final class EndBeforeChildren {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter(@Advice.Argument(3) Discovery.Done done) {
      if (Mutation.END_BEFORE_CHILDREN.isActive()) {
        done.done(null);
        return true;
      }
      return false;
    }
  }

  static final class PastGaps {
    @Advice.OnMethodExit
    static void exit(
        @Advice.FieldValue("open") ArrayDeque<Acknowledgements.Entry> open,
        @Advice.Return(readOnly = false) Optional<Position> watermark) {
      if (Mutation.WATERMARK_PAST_GAPS.isActive() && !open.isEmpty()) {
        watermark = Optional.of(new Position(open.peekLast().sequenceNumber(), 0));
      }
    }
  }

  static final class AllAcknowledged {
    @Advice.OnMethodExit
    static void exit(@Advice.Return(readOnly = false) boolean empty) {
      if (Mutation.END_BEFORE_ACKNOWLEDGED.isActive()) {
        empty = true;
      }
    }
  }

  static final class NotAdopted {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter() {
      return Mutation.ADOPTION_DROPPED.isActive();
    }
  }
}
