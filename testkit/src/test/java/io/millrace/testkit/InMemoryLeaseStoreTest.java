package io.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.testkit.lease.LeaseStoreContract;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class InMemoryLeaseStoreTest extends LeaseStoreContract {
  private InMemoryLeaseStore store;

  @Override
  protected LeaseStore newStore() {
    store = new InMemoryLeaseStore();
    return store;
  }

  @Override
  protected LeaseStore sameTables() {
    return store;
  }

  @Test
  void storeOfOneApplicationRefusesAnother() {
    var other = new LeaseStore.Preparation("other", Duration.ofSeconds(1), true);

    assertThatThrownBy(() -> store.prepare(other).toCompletableFuture().join())
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            LeaseStoreException.class,
            e ->
                org.assertj.core.api.Assertions.assertThat(e.reason())
                    .isEqualTo(LeaseStoreException.Reason.OTHER_APPLICATION));
  }
}
