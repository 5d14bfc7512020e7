package io.millrace.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Who may know whom. */
class PackageRulesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.millrace");

  /** Packages that decide: they know no SDK, so that the simulation can run them as they are. */
  private static final String[] WITHOUT_SDK = {
    "io.millrace.model..",
    "io.millrace.aggregation..",
    "io.millrace.consumer.lease..",
    "io.millrace.producer.internal.route..",
    "io.millrace.producer.internal.aggregate..",
    "io.millrace.producer.internal.limit..",
    "io.millrace.producer.internal.batch..",
    "io.millrace.producer.internal.settle..",
    "io.millrace.consumer.internal.assign..",
    "io.millrace.consumer.internal.shard..",
    "io.millrace.consumer.internal.process..",
    "io.millrace.consumer.internal.checkpoint..",
  };

  /** The API types that an SDK client is handed to; no other API type may name an SDK type. */
  private static final DescribedPredicate<JavaClass> TAKES_A_CLIENT =
      describe(
          "take an SDK client",
          type ->
              Set.of("StreamProducer", "StreamConsumer", "Replay", "KinesisClients")
                  .contains(outermost(type).getSimpleName()));

  @Test
  void packagesHaveNoCycles() {
    slices()
        .matching("io.millrace.(**)")
        .namingSlices("$1")
        .should()
        .beFreeOfCycles()
        .ignoreDependency(
            describe(
                "the API's factory method",
                type ->
                    Set.of("StreamProducer", "StreamConsumer", "FleetAdmin", "Replay")
                        .contains(outermost(type).getSimpleName())),
            resideInAPackage("..internal.."))
        .check(CLASSES);
  }

  @Test
  void producerAndConsumerAreApart() {
    noClasses()
        .that()
        .resideInAPackage("io.millrace.producer..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.millrace.consumer..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("io.millrace.consumer..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.millrace.producer..")
        .check(CLASSES);
  }

  @Test
  void theLeaseStoreInterfaceKnowsOnlyTheModel() {
    noClasses()
        .that()
        .resideInAPackage("io.millrace.consumer.lease..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.millrace..")
                .and(
                    DescribedPredicate.not(
                        resideInAnyPackage("io.millrace.consumer.lease..", "io.millrace.model.."))))
        .check(CLASSES);
  }

  @Test
  void internalPackagesAreUsedByTheirOwnModuleAndTheSimulationOnly() {
    for (String module : new String[] {"producer", "consumer", "dynamodb", "metrics", "testkit"}) {
      noClasses()
          .that()
          .resideOutsideOfPackages("io.millrace." + module + "..", "io.millrace.simulation..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.millrace." + module + "..internal..")
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }

  @Test
  void whatDecidesKnowsNoSdk() {
    noClasses()
        .that()
        .resideInAnyPackage(WITHOUT_SDK)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("software.amazon..")
        .check(CLASSES);
  }

  @Test
  void apiTypesNameTheSdkOnlyWhereAClientIsHandedIn() {
    noClasses()
        .that(
            resideInAnyPackage("io.millrace.producer", "io.millrace.consumer")
                .and(DescribedPredicate.not(TAKES_A_CLIENT)))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("software.amazon..")
        .check(CLASSES);
  }

  @Test
  void onlyTheLeaseStoreKnowsDynamoDb() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.millrace.model..",
            "io.millrace.aggregation..",
            "io.millrace.producer..",
            "io.millrace.consumer..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("software.amazon.awssdk.services.dynamodb..")
        .check(CLASSES);
  }

  @Test
  void everyPackageIsNullMarked() {
    Set<String> unmarked = new TreeSet<>();
    Set<String> marked = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      if (type.getSimpleName().equals("package-info")
          && type.isAnnotatedWith("org.jspecify.annotations.NullMarked")) {
        marked.add(type.getPackageName());
      }
    }
    for (JavaClass type : CLASSES) {
      if (!type.getSimpleName().equals("module-info") && !marked.contains(type.getPackageName())) {
        unmarked.add(type.getPackageName());
      }
    }
    assertThat(unmarked).isEmpty();
  }

  private static JavaClass outermost(JavaClass type) {
    JavaClass outer = type;
    while (outer.getEnclosingClass().isPresent()) {
      outer = outer.getEnclosingClass().get();
    }
    return outer;
  }
}
