package io.millrace.consumer.internal.fetch;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How many bytes of unacknowledged records a worker may hold, over all its shards, and how many
 * reads it may have in flight.
 *
 * <p>Half of the budget is split evenly: each shard always gets its portion, however much others
 * hold. The other half is common: first come, first served, and no shard takes more than an eighth
 * of the budget (or, with few shards, its even part) of it. So slow shards can starve nobody, and a
 * single fast one still reads far ahead.
 *
 * <p>Bytes are reserved before a read, by an estimate, and settled when the answer is there. An
 * answer beyond its estimate may push the total over the budget, by at most one answer per read in
 * flight; then nothing is granted until it is below again.
 *
 * <p>Confined to the worker loop.
 */
public final class ByteBudget {
  private final long totalBytes;
  private final long commonBytes;
  private final int maxReads;
  private final Set<Share> shares = new LinkedHashSet<>();
  private final Set<Share> waiters = new LinkedHashSet<>();
  private long usedBytes;
  private long commonUsedBytes;
  private long portionBytes;
  private int reads;

  /**
   * Whether no shard reads without a slot: then nobody can be granted while all slots are taken.
   */
  private boolean allNeedSlots = true;

  /**
   * Creates a budget.
   *
   * @param totalBytes what may be held
   * @param maxReads how many reads may be in flight that need a slot
   */
  public ByteBudget(long totalBytes, int maxReads) {
    this.totalBytes = totalBytes;
    this.commonBytes = totalBytes / 2;
    this.portionBytes = totalBytes - commonBytes;
    this.maxReads = maxReads;
  }

  /**
   * Adds a shard.
   *
   * @param needsSlot whether its reads count as in flight
   * @param wake called when a grant that had to wait is there
   */
  public Share join(boolean needsSlot, Runnable wake) {
    allNeedSlots &= needsSlot;
    Share share = new Share(needsSlot, wake);
    shares.add(share);
    splitAnew();
    return share;
  }

  private void splitAnew() {
    portionBytes = (totalBytes - commonBytes) / Math.max(1, shares.size());
    commonUsedBytes = 0;
    for (Share share : shares) {
      commonUsedBytes += share.inCommon();
    }
    grantWaiters();
  }

  /** What is held and reserved now. */
  public long usedBytes() {
    return usedBytes;
  }

  private void grantWaiters() {
    if (waiters.isEmpty() || usedBytes >= totalBytes || (reads >= maxReads && allNeedSlots)) {
      return;
    }
    List<Share> granted = new ArrayList<>();
    for (Share share : waiters) {
      if (share.tryGrant()) {
        granted.add(share);
      }
    }
    granted.forEach(waiters::remove);
    granted.forEach(share -> share.wake.run());
  }

  /** One shard's part. */
  public final class Share {
    private final boolean needsSlot;
    private final Runnable wake;
    private long heldBytes;
    private long askMinBytes;
    private long askWantBytes;
    private long grantedBytes;
    private boolean reading;

    private Share(boolean needsSlot, Runnable wake) {
      this.needsSlot = needsSlot;
      this.wake = wake;
    }

    /**
     * Asks for bytes for one read. What is granted stays reserved until {@link #settle} or {@link
     * #giveBack}.
     *
     * @param minBytes less is of no use; a shard that holds nothing gets its portion at least, if
     *     that is less
     * @param wantBytes more is of no use
     * @return the bytes granted; 0 if the shard has to wait, and is woken to ask again
     */
    public long ask(long minBytes, long wantBytes) {
      if (grantedBytes == 0) {
        askMinBytes = minBytes;
        askWantBytes = Math.max(minBytes, wantBytes);
        if (waiters.contains(this) || !tryGrant()) {
          waiters.add(this);
          return 0;
        }
      }
      return grantedBytes;
    }

    private boolean tryGrant() {
      if (needsSlot && reads >= maxReads) {
        return false;
      }
      long ofPortion = Math.max(0, portionBytes - heldBytes);
      long evenPart = commonBytes / shares.size();
      long ofCommon =
          Math.min(commonBytes - commonUsedBytes, Math.max(totalBytes / 8, evenPart) - inCommon());
      long grantable = Math.min(ofPortion + Math.max(0, ofCommon), totalBytes - usedBytes);
      if (grantable <= 0 || grantable < Math.min(askMinBytes, portionBytes)) {
        return false;
      }
      grantedBytes = Math.min(grantable, askWantBytes);
      if (needsSlot) {
        reads++;
        reading = true;
      }
      hold(grantedBytes);
      return true;
    }

    /** The read has brought its answer: the shard now holds what came. */
    public void settle(long actualBytes) {
      endRead(actualBytes);
    }

    /** The read has brought nothing, or is not made. */
    public void giveBack() {
      endRead(0);
    }

    private void endRead(long actualBytes) {
      waiters.remove(this);
      if (reading) {
        reading = false;
        reads--;
      }
      hold(actualBytes - grantedBytes);
      grantedBytes = 0;
      grantWaiters();
    }

    /** Records were acknowledged. */
    public void release(long bytes) {
      if (bytes > 0 && shares.contains(this)) {
        hold(-bytes);
        grantWaiters();
      }
    }

    /** What the shard holds, beside what is reserved for its read. */
    public long heldBytes() {
      return heldBytes - grantedBytes;
    }

    /** The shard is gone, with everything it holds. */
    public void leave() {
      if (shares.contains(this)) {
        endRead(0);
        hold(-heldBytes);
        shares.remove(this);
        splitAnew();
      }
    }

    private void hold(long deltaBytes) {
      long before = inCommon();
      heldBytes += deltaBytes;
      usedBytes += deltaBytes;
      commonUsedBytes += inCommon() - before;
    }

    private long inCommon() {
      return Math.max(0, heldBytes - portionBytes);
    }
  }
}
