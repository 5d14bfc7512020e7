package io.millrace.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Time and chance are arguments: one outermost runner per library reads the clock. */
class TimeAndChanceTest {
  private static final Map<String, Set<String>> FORBIDDEN =
      Map.of(
          "java.lang.System", Set.of("nanoTime", "currentTimeMillis"),
          "java.lang.Thread", Set.of("sleep"),
          "java.lang.Math", Set.of("random"),
          "java.time.Instant", Set.of("now"),
          "java.time.LocalDateTime", Set.of("now"),
          "java.time.ZonedDateTime", Set.of("now"),
          "java.time.Clock", Set.of("systemUTC", "systemDefaultZone", "system"),
          "java.util.Random", Set.of("<init>"),
          "java.util.UUID", Set.of("randomUUID"),
          "java.util.concurrent.ThreadLocalRandom", Set.of("current"));

  /** Where a library meets its process: what is wired and run there hands time and chance down. */
  private static final Set<String> OUTERMOST =
      Set.of(
          "io.millrace.producer.internal.loop.ProducerBuilder",
          "io.millrace.producer.internal.loop.Runner",
          "io.millrace.consumer.internal.admin.AdminRunner",
          "io.millrace.consumer.internal.coordinate.Wiring",
          "io.millrace.consumer.internal.coordinate.WorkerRunner");

  @Test
  void noCoreClassReadsAClockSleepsOrRollsItsOwnDice() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.millrace.model..",
            "io.millrace.aggregation..",
            "io.millrace.producer..",
            "io.millrace.consumer..",
            "io.millrace.dynamodb..",
            "io.millrace.simulation..",
            "io.millrace.testkit.kinesis..")
        .and(DescribedPredicate.not(isOutermost()))
        .should()
        .accessTargetWhere(isForbidden())
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.millrace"));
  }

  private static DescribedPredicate<JavaClass> isOutermost() {
    return describe(
        "are outermost",
        type -> OUTERMOST.stream().anyMatch(name -> type.getName().startsWith(name)));
  }

  private static DescribedPredicate<JavaAccess<?>> isForbidden() {
    return describe(
        "reads a clock, sleeps or rolls dice",
        access ->
            FORBIDDEN
                .getOrDefault(access.getTargetOwner().getName(), Set.of())
                .contains(access.getTarget().getName()));
  }
}
