package io.millrace.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** ARCHITECTURE.md is true at every commit: it names the rooms that there are, and no others. */
class ArchitecturePageTest {
  private static final Set<String> ROOTS =
      Set.of("io.millrace.producer", "io.millrace.consumer", "io.millrace.testkit");

  private final Set<String> packages =
      new ClassFileImporter()
              .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
              .importPackages("io.millrace")
              .stream()
              .map(JavaClass::getPackageName)
              .filter(name -> name.startsWith("io.millrace."))
              .collect(Collectors.toCollection(TreeSet::new));

  @Test
  void everyPackageIsNamed() throws IOException {
    String page = Files.readString(Path.of("../ARCHITECTURE.md"));
    Set<String> unnamed = new TreeSet<>();
    for (String name : packages) {
      if (!page.contains("`" + name + "`") && !page.contains("`" + shortName(name) + "`")) {
        unnamed.add(name);
      }
    }
    assertThat(unnamed).as("packages that ARCHITECTURE.md does not name").isEmpty();
  }

  @Test
  void everyNamedPackageExists() throws IOException {
    String page = Files.readString(Path.of("../ARCHITECTURE.md"));
    Set<String> named =
        Pattern.compile("`(\\.[a-z.]+|io\\.millrace\\.[a-z.]+)`")
            .matcher(page)
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> missing = new TreeSet<>();
    for (String name : named) {
      boolean exists =
          packages.contains(name)
              || ROOTS.stream().anyMatch(root -> packages.contains(root + name));
      if (!exists) {
        missing.add(name);
      }
    }
    assertThat(missing).as("packages that ARCHITECTURE.md names and that are not there").isEmpty();
  }

  private static String shortName(String name) {
    for (String root : ROOTS) {
      if (name.startsWith(root + ".")) {
        return name.substring(root.length());
      }
    }
    return name;
  }
}
